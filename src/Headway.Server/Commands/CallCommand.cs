using System.CommandLine;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class CallCommand : RemoteVerb
{
    private const string Sample = """
        headway call intake-triage --input patient.json
        headway call prescription-summary --input '{"drugs":["ibuprofen"]}' --async --watch
        """;

    private readonly Argument<string> _feature = NameArgument.Create("FEATURE", "Name of the feature, or NAME@VERSION.");
    private readonly Option<string?> _input = new("--input", "-i") { Description = "The input. - reads JSON from the standard input. Default: {}", HelpName = "FILE|-|JSON" };
    private readonly Option<TimeSpan?> _wait = TimeOptions.Span("--wait", "How long a hybrid feature may hold the call open.");
    private readonly Option<bool> _async = new("--async") { Description = "Asks a hybrid feature for a job at once." };
    private readonly Option<bool> _watch = new("--watch", "-w") { Description = "Follows the job to its end and writes its result." };
    private readonly Option<string?> _key = new("--idempotency-key") { Description = "A repeat with the same key gets the same job.", HelpName = "KEY" };
    private readonly Option<string?> _subject = new("--subject") { Description = "What the result belongs to, such as encounter/8812.", HelpName = "SUBJECT" };
    private readonly Option<int?> _priority = new("--priority") { Description = "0 to 9, higher first.", HelpName = "NUMBER" };
    private readonly Option<TimeSpan?> _deadline = TimeOptions.Span("--deadline", "How long the result is worth anything.");

    private readonly Option<TimeSpan?> _delay = TimeOptions.Span("--delay", "How long to wait before it starts; async only.");
    private readonly Option<string?> _unique = new("--unique") { Description = "While a job with this key is under way, the call is given that job.", HelpName = "'KEY; for=1h'" };
    private readonly Option<string?> _debounce = new("--debounce") { Description = "Takes the place of the job that waits under this key; async only.", HelpName = "'KEY; for=30s; max=5m'" };

    public CallCommand(Terminal terminal, GlobalOptions global)
        : base("call", "Calls a feature and writes its answer, or the job it became.", Sample, terminal, global)
    {
        Add(_feature);
        foreach (var option in (Option[])[_input, _wait, _async, _watch, _key, _subject, _priority, _deadline, _delay, _unique, _debounce]) Add(option);
        Validators.Add(line =>
        {
            if (line.GetValue(_async) && line.GetValue(_wait) is not null) line.AddError("--async and --wait exclude each other.");
            foreach (var option in (Option<string?>[])[_key, _subject, _unique, _debounce])
            {
                // They travel as header values, which have no other letters (RFC 9110, section 5.5).
                if (line.GetValue(option)?.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0) line.AddError($"{option.Name} takes printable ASCII only.");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        using var input = await CallInput.OpenAsync(line.GetValue(_input), Terminal, stop);
        if (input is null) return ExitCode.Usage;
        try
        {
            return await client.CallAsync(line.GetRequiredValue(_feature), input, Asked(line), stop) switch
            {
                CallAnswer.Done done => Answered(done.Result, line),
                CallAnswer.Streaming stream => await PouredAsync(client, stream, line, stop),
                CallAnswer.Accepted accepted => await AcceptedAsync(client, accepted.Job, line, stop),
                _ => throw new InvalidOperationException("An answer of another kind."),
            };
        }
        catch (HeadwayException failed) when (failed.Problem.Job is not null)
        {
            // The feature took the call and failed at it: the same to a script as a job that ended without a result.
            await RefusedAsync(failed);
            return ExitCode.Finding;
        }
    }

    private CallOptions Asked(ParseResult line) => new()
    {
        Wait = line.GetValue(_wait),
        Async = line.GetValue(_async),
        IdempotencyKey = line.GetValue(_key),
        Subject = line.GetValue(_subject),
        Priority = line.GetValue(_priority),
        Deadline = line.GetValue(_deadline),
        Delay = line.GetValue(_delay),
        Unique = line.GetValue(_unique),
        Debounce = line.GetValue(_debounce),
    };

    private int Answered(ResultRecord result, ParseResult line)
    {
        ResultView.Write(Terminal, result, IsJson(line));
        return ExitCode.Ok;
    }

    private async Task<int> PouredAsync(HeadwayClient client, CallAnswer.Streaming stream, ParseResult line, CancellationToken stop)
    {
        await Watch.PourAsync(Terminal, stream.Events, IsJson(line));
        return stream.Job is null ? ExitCode.Ok : await Watch.EndAsync(Terminal, await client.GetJobAsync(stream.Job, stop));
    }

    private async Task<int> AcceptedAsync(HeadwayClient client, JobRecord job, ParseResult line, CancellationToken stop)
    {
        if (!line.GetValue(_watch))
        {
            JobView.WriteLine(Terminal, job, IsJson(line));
            return ExitCode.Ok;
        }

        // The result comes last and alone, with what is known of it; how it came about goes beside it.
        var events = client.EventsAsync(job.Id, null, stop).Where(one => one.Kind != "result");
        await Watch.FollowAsync(Terminal, Terminal.Error, job.Id, events, IsJson(line));
        var code = await Watch.EndAsync(Terminal, await client.GetJobAsync(job.Id, stop));
        if (code == ExitCode.Ok) ResultView.Write(Terminal, await client.ResultAsync(job.Id, stop), IsJson(line));
        return code;
    }
}
