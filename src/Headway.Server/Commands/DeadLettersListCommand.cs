using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class DeadLettersListCommand : RemoteVerb
{
    private readonly JobFilters _filters;
    private readonly Option<int> _limit = JobsListCommand.LimitOption();

    public DeadLettersListCommand(Terminal terminal, GlobalOptions global)
        : base("list", "Lists dead letters with their reasons, newest first.", "headway dead-letters list --feature prescription-summary", terminal, global)
    {
        _filters = new JobFilters(terminal);
        _filters.AddTo(this);
        Add(_limit);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var limit = line.GetValue(_limit);
        var jobs = await client.DeadLettersAsync(JobsListCommand.Paged(_filters.Read(line), limit), stop).Take(limit).ToListAsync(stop);
        JobTable.Write(Terminal, jobs, IsJson(line));
        return ExitCode.Ok;
    }
}
