using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsCancelCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();
    private readonly Option<bool> _atOnce = new("--at-once") { Description = "Terminates it: a workflow undoes nothing." };

    public JobsCancelCommand(Terminal terminal, GlobalOptions global)
        : base("cancel", "Cancels a job for good; a workflow undoes first what it did. A job that ended stays as it ended.", "headway jobs cancel job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global)
    {
        Add(_job);
        Add(_atOnce);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var id = line.GetRequiredValue(_job);
        JobView.WriteLine(Terminal, line.GetValue(_atOnce) ? await client.TerminateAsync(id, stop) : await client.CancelAsync(id, stop), IsJson(line));
        return ExitCode.Ok;
    }
}
