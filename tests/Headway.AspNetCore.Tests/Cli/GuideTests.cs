using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Headway.AspNetCore.Tests.Cli;

/// <summary>The guide of the command line is a session: its files are served, its commands are typed, its answers are compared; `…` stands for anything.</summary>
public sealed partial class GuideTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-guide-").FullName;
    private string _job = "job_none";
    private int _code;

    [Fact]
    public async Task What_the_guide_shows_is_what_happens()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "guides", "command-line.md"));
        foreach (Match file in DocumentedFile().Matches(guide))
        {
            var path = Path.Combine(_folder, file.Groups["name"].Value);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, file.Groups["text"].Value);
        }

        await using var app = await ServeAsync();
        var typed = 0;
        foreach (Match session in Session().Matches(guide))
        {
            foreach (Match step in Step().Matches(session.Groups["text"].Value))
            {
                await TypeAsync(step.Groups["words"].Value, step.Groups["answer"].Value, app.Urls.Single());
                typed++;
            }
        }

        typed.ShouldBeGreaterThan(15);
        await app.StopAsync();
    }

    private async Task TypeAsync(string words, string expected, string address)
    {
        if (words == "echo $?")
        {
            expected.ShouldBe($"{_code}\n", words);
            return;
        }

        words.ShouldStartWith("headway ");
        var environment = new Dictionary<string, string> { ["HEADWAY_SERVER"] = address };
        var typed = await CommandLine.RunAsync([.. Words(words).Skip(1)], environment: environment);
        _code = typed.Code;
        _job = Regex.Match(typed.Out, "job_[0-9a-f]{32}") is { Success: true } job ? job.Value : _job;
        if (typed.Code != 0 && !words.StartsWith("headway call export", StringComparison.Ordinal)) Assert.Fail($"{words}: {typed.Code} {typed.Out}{typed.Error}");
        var pattern = string.Join(".*", expected.Split('…').Select(Regex.Escape));
        Regex.IsMatch(typed.Out, $"\\A{pattern}\\z", RegexOptions.Singleline).ShouldBeTrue($"{words}\n{typed.Out}\nis not\n{expected}");
    }

    private IEnumerable<string> Words(string line) => Word().Matches(line)
        .Select(word => word.Groups["quoted"].Success ? word.Groups["quoted"].Value : word.Value)
        .Select(word => word == "JOB" ? _job : File.Exists(Path.Combine(_folder, word)) ? Path.Combine(_folder, word) : word);

    private async Task<WebApplication> ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddHeadway(options =>
        {
            options.File = Path.Combine(_folder, "headway.yaml");
            options.Listen = "http://127.0.0.1:0";
        });
        var app = builder.Build();
        app.MapHeadway();
        await app.StartAsync();
        return app;
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Headway.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        return folder;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [GeneratedRegex("<!-- file: (?<name>[^ ]+) -->\n```[a-z]+\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex DocumentedFile();

    [GeneratedRegex("```console\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Session();

    [GeneratedRegex(@"^\$ (?<words>[^\n]+)\n(?<answer>(?:(?!\$ )[^\n]*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex(@"'(?<quoted>[^']*)'|\S+")]
    private static partial Regex Word();
}
