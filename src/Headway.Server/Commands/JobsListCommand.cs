using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsListCommand : RemoteVerb
{
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

    public static Option<int> LimitOption() => new("--limit") { Description = "At most so many.", HelpName = "NUMBER", DefaultValueFactory = _ => 50 };

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var query = _filters.Read(line) with { State = line.GetValue(_state) };
        var jobs = await client.ListJobsAsync(query, stop).Take(line.GetValue(_limit)).ToListAsync(stop);
        JobTable.Write(Terminal, jobs, IsJson(line));
        return ExitCode.Ok;
    }
}
