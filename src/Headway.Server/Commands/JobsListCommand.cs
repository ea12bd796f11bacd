using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsListCommand : RemoteVerb
{
    private const int LargestPage = 200;
    private readonly JobFilters _filters;
    private readonly Option<JobState?> _state = new("--state")
    {
        Description = "Jobs in this state.",
        HelpName = "STATE",
        CustomParser = result =>
        {
            if (Enum.TryParse<JobState>(result.Tokens[0].Value, ignoreCase: true, out var state) && Enum.IsDefined(state)) return state;
            result.AddError($"--state: '{result.Tokens[0].Value}' is none of {string.Join(", ", Enum.GetValues<JobState>().Select(one => JobWords.Word(one)))}.");
            return null;
        },
    };

    private readonly Option<int> _limit = LimitOption();

    public JobsListCommand(Terminal terminal, GlobalOptions global)
        : base("list", "Lists jobs, newest first.", "headway jobs list --feature prescription-summary --state queued --since 2h", terminal, global)
    {
        _filters = new JobFilters(terminal);
        _filters.AddTo(this);
        Add(_state);
        Add(_limit);
    }

    public static Option<int> LimitOption()
    {
        var limit = new Option<int>("--limit") { Description = "At most so many.", HelpName = "NUMBER", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var number) && number < 1) result.AddError("--limit is at least 1.");
        });
        return limit;
    }

    /// <summary>No more than one page is asked for when one is enough.</summary>
    public static JobQuery Paged(JobQuery query, int limit) => query with { PageSize = Math.Min(limit, LargestPage) };

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var limit = line.GetValue(_limit);
        var query = Paged(_filters.Read(line), limit) with { State = line.GetValue(_state) };
        var jobs = await client.ListJobsAsync(query, stop).Take(limit).ToListAsync(stop);
        JobTable.Write(Terminal, jobs, IsJson(line));
        return ExitCode.Ok;
    }
}
