using System.CommandLine;
using Headway.Client;

namespace Headway.Server.Commands;

internal sealed class JobsJournalCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();

    public JobsJournalCommand(Terminal terminal, GlobalOptions global)
        : base("journal", "Writes the journal of a workflow with its content, for tests of new code. Recorded as viewed.", "headway jobs journal job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b > journal.json", terminal, global)
        => Add(_job);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await Terminal.Out.WriteLineAsync(await client.JournalAsync(line.GetRequiredValue(_job), stop));
        return ExitCode.Ok;
    }
}
