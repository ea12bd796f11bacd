using System.Text;
using Microsoft.AspNetCore.Http;

namespace Headway.Upstream.Failing;

/// <summary>One call under way: what a fault is told by.</summary>
public sealed class Play(HttpContext http, Dialect dialect, Reply reply, PlayedCall call, bool streams, Func<DateTimeOffset> now, Func<Gate, CancellationToken, Task> park)
{
    public Dialect Dialect { get; } = dialect;
    public Reply Reply { get; } = reply;

    /// <summary>The answer comes in pieces.</summary>
    public bool Streams { get; } = streams;

    /// <summary>By the clock of those who ask.</summary>
    public DateTimeOffset Now => now();

    /// <summary>A status that is no answer.</summary>
    public async Task StatusAsync(int status, Complaint complaint = Complaint.None, params (string Name, string Value)[] headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var body = complaint is Complaint.None ? "" : Dialect.Error(complaint);
        http.Response.StatusCode = status;
        if (body.Length > 0) http.Response.ContentType = "application/json";
        http.Response.ContentLength = Encoding.UTF8.GetByteCount(body);
        foreach (var (name, value) in headers) http.Response.Headers[name] = value;
        await SendAsync(body).ConfigureAwait(false);
    }

    /// <summary>A status whose body begins and never ends.</summary>
    public async Task StallAsync(int status, Complaint complaint)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await SendAsync(Dialect.Error(complaint)[..20]).ConfigureAwait(false);
        await WaitAsync(Wait.Refusal).ConfigureAwait(false);
    }

    /// <summary>A body of any kind under 200.</summary>
    public async Task BodyAsync(string? mediaType, string body)
    {
        http.Response.ContentType = mediaType;
        http.Response.ContentLength = Encoding.UTF8.GetByteCount(body ?? "");
        await SendAsync(body ?? "").ConfigureAwait(false);
    }

    /// <summary>The head of an answer.</summary>
    public async Task HeadAsync()
    {
        http.Response.ContentType = Streams ? "text/event-stream; charset=utf-8" : "application/json";
        await http.Response.StartAsync(http.RequestAborted).ConfigureAwait(false);
        await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    public async Task SendAsync(string text)
    {
        await http.Response.WriteAsync(text, http.RequestAborted).ConfigureAwait(false);
        await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Ends a stream in order, and says what was used: that is the bill.</summary>
    public Task EndAsync(Finish reason)
    {
        call.Billed = Reply.Usage;
        return SendAsync(Dialect.Finish(Reply, reason, Reply.Usage) + Dialect.End);
    }

    /// <summary>The whole answer in one piece, with the bill.</summary>
    public Task WholeAsync(string text, Finish finish = Finish.Stop, bool bills = true)
    {
        if (bills) call.Billed = Reply.Usage;
        return BodyAsync("application/json", Dialect.Whole(Reply, text, finish, bills ? Reply.Usage : null));
    }

    /// <summary>The head and the first pieces.</summary>
    public async Task BeginAsync(int pieces)
    {
        await HeadAsync().ConfigureAwait(false);
        if (!Streams)
        {
            await SendAsync(Dialect.Whole(Reply, Reply.Text, Finish.Stop, null)[..(10 + pieces)]).ConfigureAwait(false);
            return;
        }
        await SendAsync(Dialect.Role(Reply) + string.Concat(Reply.Pieces.Take(pieces).Select(text => Dialect.Piece(Reply, text)))).ConfigureAwait(false);
    }

    /// <summary>Nothing more, until the caller leaves or the test goes on.</summary>
    public Task WaitAsync(Wait wait) => park(new Gate(wait), http.RequestAborted);

    /// <summary>The connection is torn down.</summary>
    public void Tear() => http.Abort();
}
