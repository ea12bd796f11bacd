using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsReplayCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();

    public JobsReplayCommand(Terminal terminal, GlobalOptions global)
        : base("replay", "Puts a dead letter back to queued; its id and history stay.", "headway jobs replay job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global)
        => Add(_job);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var job = await client.ReplayAsync(line.GetRequiredValue(_job), stop);
        JobView.WriteLine(Terminal, job, IsJson(line));
        return ExitCode.Ok;
    }
}
