using System.CommandLine;
using Headway.Advice;
using Headway.Advice.Reports;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class CheckCommand : Verb
{
    private const string Sample = """
        headway check headway.yaml
        headway check headway.yaml --format sarif > headway.sarif
        """;

    private readonly Terminal _terminal;
    private readonly GlobalOptions _global;
    private readonly Argument<string> _file = new("FILE") { Description = "The feature file. Default: HEADWAY_FILE, else headway.yaml.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<Format> _format = new("--format")
    {
        Description = "text, json or sarif.",
        HelpName = "FORMAT",
        CustomParser = result =>
        {
            if (Enum.TryParse<Format>(result.Tokens[0].Value, ignoreCase: true, out var format) && Enum.IsDefined(format)) return format;
            result.AddError($"--format: '{result.Tokens[0].Value}' is none of text, json, sarif.");
            return Format.Text;
        },
    };

    public CheckCommand(Terminal terminal, GlobalOptions global)
        : base("check", "Judges the contracts of a feature file: exit code 1 on an error, or on a contract that breaks without a reason.", Sample)
    {
        _terminal = terminal;
        _global = global;
        Add(_file);
        Add(_format);
        SetAction(Invoke);
    }

    private enum Format { Text, Json, Sarif }

    private int Invoke(ParseResult line)
    {
        var file = line.GetValue(_file) ?? _terminal.Environment("HEADWAY_FILE") ?? "headway.yaml";
        if (!File.Exists(file))
        {
            _terminal.Error.WriteLine($"There is no feature file {Path.GetFullPath(file)}.");
            return ExitCode.Usage;
        }

        var report = Check.Run(file, _terminal.Environment);
        var format = line.GetValue(_format);
        if (format == Format.Sarif) WriteBytes(output => CheckSarif.Write(report, output));
        else if (format == Format.Json || line.GetValue(_global.Json)) WriteBytes(output => CheckJson.Write(report, output));
        else if (_terminal.IsInteractive) CheckView.Write(_terminal, report);
        else CheckText.Write(report, _terminal.Out);
        return report.ExitCode;
    }

    private void WriteBytes(Action<Stream> write)
    {
        using var bytes = new MemoryStream();
        write(bytes);
        _terminal.Out.WriteLine(System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }
}
