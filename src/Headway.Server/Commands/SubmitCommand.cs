using System.CommandLine;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

/// <summary>Many jobs from a file of lines.</summary>
internal sealed class SubmitCommand : RemoteVerb
{
    private const string Sample = """
        headway submit prescription-summary --input patients.ndjson --idempotency-key nightly-2026-03-01
        """;

    private readonly Argument<string> _feature = NameArgument.Create("FEATURE", "Name of the feature, or NAME@VERSION.");
    private readonly Option<string> _input = new("--input", "-i") { Description = "The lines, each an object with `input` and options. - reads the standard input.", HelpName = "FILE|-", Required = true };
    private readonly Option<string?> _key = new("--idempotency-key") { Description = "Line n is known by this key and its number: all of it can be sent again.", HelpName = "KEY" };

    public SubmitCommand(Terminal terminal, GlobalOptions global) : base("submit", "Submits many jobs at once and writes what became of each.", Sample, terminal, global)
    {
        Add(_feature);
        Add(_input);
        Add(_key);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var path = line.GetRequiredValue(_input);
        if (path != "-" && !File.Exists(path))
        {
            await Terminal.Error.WriteLineAsync($"--input: there is no file '{path}'.");
            return ExitCode.Usage;
        }

        using var text = path == "-" ? null : new StreamReader(path);
        var (taken, refused) = (0, 0);
        if (!IsJson(line)) await Terminal.Out.WriteLineAsync("LINE\tVERDICT\tJOB\tPROBLEM");
        try
        {
            await foreach (var verdict in client.SubmitAsync(line.GetRequiredValue(_feature), Lines(text ?? Terminal.In), line.GetValue(_key), stop: stop))
            {
                if (verdict.IsTaken) taken++;
                else refused++;
                await WriteAsync(verdict, IsJson(line));
            }
        }
        catch (FormatException broken)
        {
            await Terminal.Error.WriteLineAsync(Printable.Of(broken.Message));
            return ExitCode.Usage;
        }

        await Terminal.Error.WriteLineAsync($"{taken} taken, {refused} refused");
        return refused == 0 ? ExitCode.Ok : ExitCode.Finding;
    }

    private Task WriteAsync(VerdictRecord verdict, bool json) => Terminal.Out.WriteLineAsync(json
        ? JsonSerializer.Serialize(verdict, HeadwayJson.Wire.VerdictRecord)
        : $"{verdict.Line}\t{verdict.Status}\t{verdict.Job}\t{(verdict.Problem is { } problem ? Printable.Of($"{problem.Code}: {problem.Detail}") : "")}");

    private static IEnumerable<SubmissionRecord> Lines(TextReader text)
    {
        for (var number = 1; text.ReadLine() is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line)) yield return Parse(line, number);
        }
    }

    private static SubmissionRecord Parse(string line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize(line, HeadwayJson.Wire.SubmissionRecord) ?? throw new FormatException($"Line {number} is null.");
        }
        catch (JsonException broken)
        {
            throw new FormatException($"Line {number} is no line of a submission: {broken.Message}", broken);
        }
    }
}
