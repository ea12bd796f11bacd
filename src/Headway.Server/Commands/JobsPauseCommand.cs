using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsPauseCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();

    public JobsPauseCommand(Terminal terminal, GlobalOptions global)
        : base("pause", "Takes a job aside until it is resumed; a workflow that runs, as soon as what it runs has ended.", "headway jobs pause job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global)
        => Add(_job);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        JobView.WriteLine(Terminal, await client.PauseAsync(line.GetRequiredValue(_job), stop), IsJson(line));
        return ExitCode.Ok;
    }
}
