using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsWatchCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();

    public JobsWatchCommand(Terminal terminal, GlobalOptions global)
        : base("watch", "Follows a job to its end: exit code 1 when it ends without a result.", "headway jobs watch job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global)
        => Add(_job);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var id = line.GetRequiredValue(_job);
        await Watch.FollowAsync(Terminal, Terminal.Out, id, client.EventsAsync(id, null, stop), IsJson(line));
        return await Watch.EndAsync(Terminal, await client.GetJobAsync(id, stop));
    }
}
