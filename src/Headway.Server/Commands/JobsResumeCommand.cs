using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsResumeCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();

    public JobsResumeCommand(Terminal terminal, GlobalOptions global)
        : base("resume", "Lets a paused job go on where it was.", "headway jobs resume job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global)
        => Add(_job);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        JobView.WriteLine(Terminal, await client.ResumeAsync(line.GetRequiredValue(_job), stop), IsJson(line));
        return ExitCode.Ok;
    }
}
