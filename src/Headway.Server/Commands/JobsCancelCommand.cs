using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsCancelCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();

    public JobsCancelCommand(Terminal terminal, GlobalOptions global)
        : base("cancel", "Cancels a job for good. A job that ended stays as it ended.", "headway jobs cancel job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global)
        => Add(_job);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var job = await client.CancelAsync(line.GetRequiredValue(_job), stop);
        JobView.WriteLine(Terminal, job, IsJson(line));
        return ExitCode.Ok;
    }
}
