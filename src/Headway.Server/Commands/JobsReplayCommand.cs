using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsReplayCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();
    private readonly Option<string?> _with = new("--with-model") { Description = "Asks this model of the feature file instead.", HelpName = "NAME" };
    private readonly Option<string?> _input = new("--input", "-i") { Description = "JSON in the place of the input: a file, `-` or the text itself. The former input is kept.", HelpName = "INPUT" };

    public JobsReplayCommand(Terminal terminal, GlobalOptions global)
        : base("replay", "Puts a dead letter back to queued; its id and history stay.", "headway jobs replay job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global)
    {
        Add(_job);
        Add(_with);
        Add(_input);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var (isRead, input) = await CallInput.GivenAsync(line.GetValue(_input), Terminal, stop);
        if (!isRead) return ExitCode.Usage;

        var job = await client.ReplayAsync(line.GetRequiredValue(_job), new ReplayOptions { Model = line.GetValue(_with), Input = input }, stop);
        JobView.WriteLine(Terminal, job, IsJson(line));
        return ExitCode.Ok;
    }
}
