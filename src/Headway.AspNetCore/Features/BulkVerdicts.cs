using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Headway.AspNetCore.Errors;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Features;

/// <summary>Writes the verdicts of a bulk submission, a line each, in the order of its lines and not before each is durable.</summary>
/// <remarks>
/// A caller may read nothing before it has sent everything, as many do: so what it has not read yet never keeps its lines from being read, and waits here.
/// That is bounded, because the lines of a submission are.
/// </remarks>
internal sealed class BulkVerdicts : IDisposable
{
    // Groups that are being written while the next lines are read.
    private const int GroupsAhead = 4;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Channel<(BulkGroup Group, Task<IReadOnlyList<Verdict>> Accepted)> _groups = Channel.CreateBounded<(BulkGroup, Task<IReadOnlyList<Verdict>>)>(GroupsAhead);
    private readonly Pipe _unread = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly Utf8JsonWriter _json;
    private readonly Task _told;
    private readonly Task _sent;
    private int _lines;
    private int _accepted;
    private int _repeated;
    private int _replaced;
    private int _refused;

    public BulkVerdicts(HttpResponse response, CancellationToken callerLeft)
    {
        _json = new Utf8JsonWriter(_unread.Writer, Readable);
        _sent = SendAsync(response, callerLeft);
        _told = TellAsync();
    }

    /// <summary>Waits while as many groups as may be are being written; fails once nothing more is told.</summary>
    public ValueTask AddAsync(BulkGroup group, Task<IReadOnlyList<Verdict>> accepted, CancellationToken stop) => _groups.Writer.WriteAsync((group, accepted), stop);

    /// <summary>Ends when all is told.</summary>
    /// <param name="whole">Whether every line was looked at; if not, the closing line is left out, and the answer is known as cut.</param>
    public async Task EndAsync(bool whole)
    {
        _groups.Writer.TryComplete();
        try
        {
            await _told;
            if (whole) TellEnd();
        }
        finally
        {
            await _unread.Writer.CompleteAsync();
            await _sent;
        }
    }

    private async Task TellAsync()
    {
        try
        {
            await foreach (var (group, accepted) in _groups.Reader.ReadAllAsync())
            {
                var verdicts = await accepted;
                var next = 0;
                foreach (var (number, problem) in group.Lines) Tell(number, problem, problem is null ? verdicts[next++] : default);
                await _unread.Writer.FlushAsync();
            }
        }
        catch (Exception error)
        {
            // A verdict that is missing cannot be passed over: whoever reads the lines would wait for room behind it for ever, and is told instead.
            _groups.Writer.TryComplete(error);
            throw;
        }
    }

    private void Tell(int number, Problem? problem, Verdict verdict)
    {
        _lines++;
        _json.WriteStartObject();
        _json.WriteNumber("line", number);
        problem ??= verdict.Refusal is { } refusal ? EngineProblems.Of(refusal) : null;
        if (problem is not null) TellRefused(problem);
        else
        {
            _json.WriteString("status", Count(verdict.How));
            _json.WriteString("job", verdict.Job!.Value.ToString());
        }

        EndLine();
    }

    private string Count(Submission how)
    {
        switch (how)
        {
            case Submission.Existing:
                _repeated++;
                return "repeated";
            case Submission.Replaced:
                _replaced++;
                return "replaced";
            default:
                _accepted++;
                return "accepted";
        }
    }

    private void TellRefused(Problem problem)
    {
        _refused++;
        _json.WriteString("status", "refused");
        if (problem.RetryAfter is { } delay) _json.WriteNumber("retryAfter", long.Parse(ProblemResponse.Seconds(delay), CultureInfo.InvariantCulture));
        _json.WritePropertyName("problem");
        ProblemResponse.Write(_json, problem, null);
    }

    private void TellEnd()
    {
        _json.WriteStartObject();
        _json.WriteString("status", "end");
        _json.WriteNumber("lines", _lines);
        _json.WriteNumber("accepted", _accepted);
        _json.WriteNumber("repeated", _repeated);
        _json.WriteNumber("replaced", _replaced);
        _json.WriteNumber("refused", _refused);
        EndLine();
    }

    private void EndLine()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _unread.Writer.Write("\n"u8);
    }

    private async Task SendAsync(HttpResponse response, CancellationToken callerLeft)
    {
        try
        {
            await _unread.Reader.CopyToAsync(response.BodyWriter, callerLeft);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // Nobody reads: what was accepted stays accepted, and the rest of the verdicts go nowhere.
        }
        finally
        {
            await _unread.Reader.CompleteAsync();
        }
    }

    public void Dispose() => _json.Dispose();
}

/// <summary>Lines that are accepted together, as they came: each with what is wrong with it, or null for the next of the calls.</summary>
internal sealed class BulkGroup
{
    // In one write more gains nothing, and would hold the writer for others.
    private const int MostLines = 500;
    private const long MostBytes = 1024 * 1024;

    private readonly List<(int Number, Problem? Problem)> _lines = [];
    private readonly List<Call> _calls = [];
    private long _bytes;

    public IReadOnlyList<(int Number, Problem? Problem)> Lines => _lines;

    public IReadOnlyList<Call> Calls => _calls;

    public bool IsFull => _lines.Count >= MostLines || _bytes >= MostBytes;

    public void Add(int number, Call call)
    {
        _lines.Add((number, null));
        _calls.Add(call);
        _bytes += call.Input.Json.Length;
    }

    public void Add(int number, Problem problem) => _lines.Add((number, problem));
}
