using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Headway.Models.Providers;

/// <summary>Reads an answer that comes in pieces (server-sent events).</summary>
internal abstract class AnswerStream
{
    /// <summary>No model answers more in one call; what does is not an answer.</summary>
    protected const long MaxBytes = 64 * 1024 * 1024;

    public abstract Task<ModelReply> ReadAsync(HttpResponseMessage response, CancellationToken stop);
}

/// <summary>The loop that every API's stream is read by.</summary>
/// <typeparam name="TEvent">One event as the API has it.</typeparam>
/// <remarks>It ends well only with a reason and the API's own mark of the end. A body that just ends is what a dying upstream or a proxy between
/// leaves behind, and would pass half an answer off as a whole one.</remarks>
internal abstract class AnswerStream<TEvent>(ArrivingAnswer answer, Patience patience, PieceSink? show) : AnswerStream
{
    // What comes before the first token (a role, the filters of Azure) waits for it: once a byte was shown, no other model can be asked.
    private readonly List<ModelPiece> _held = [];

    /// <inheritdoc/>
    public sealed override async Task<ModelReply> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        using var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        using var capped = new CappedStream(body, MaxBytes);
        try
        {
            var events = SseParser.Create(capped, Parse).EnumerateAsync(patience.Token);
            await foreach (var item in events.ConfigureAwait(false))
            {
                var taken = Take(item.Data);
                if (taken.Fault is { } fault)
                    return answer.Failed(fault);
                if (taken.Ends)
                    return await EndAsync(stop).ConfigureAwait(false);
                Hold(taken.Piece);
                // An event without a token is none: some servers send one at once and then think for a minute.
                if (!answer.Begun || taken.IsNothing)
                    continue;
                await ShowHeldAsync(stop).ConfigureAwait(false);
                patience.WaitFor(Limit.Idle);
            }
        }
        catch (JsonException)
        {
            return answer.Failed(Faults.Malformed(answer.Model, Event));
        }
        catch (CappedStreamException)
        {
            return answer.Failed(Faults.TooLarge(answer.Model, MaxBytes));
        }

        return answer.Finished ? answer.Failed(Faults.Cut(answer.Model, $"before {EndMark}")) : answer.Broken();
    }

    /// <summary>What the API calls an event, its reason to end, and its mark of the end.</summary>
    protected abstract string Event { get; }
    protected abstract string Reason { get; }
    protected abstract string EndMark { get; }

    protected abstract TEvent Parse(string kind, ReadOnlySpan<byte> data);

    protected abstract Taken Take(TEvent happened);

    /// <summary>It ended in order and said why.</summary>
    /// <param name="last">Takes the pieces that only the end tells.</param>
    protected abstract ModelReply End(Action<ModelPiece> last);

    private async ValueTask<ModelReply> EndAsync(CancellationToken stop)
    {
        if (!answer.Finished)
            return answer.Failed(Faults.Cut(answer.Model, $"without a {Reason}"));
        var reply = End(Hold);
        if (reply is ModelReply.Answered)
            await ShowHeldAsync(stop).ConfigureAwait(false);
        return reply;
    }

    private void Hold(ModelPiece piece)
    {
        if (show is not null && !piece.IsNothing)
            _held.Add(piece);
    }

    private async ValueTask ShowHeldAsync(CancellationToken stop)
    {
        if (_held.Count == 0)
            return;
        patience.Pause();
        foreach (var piece in _held)
            await show!(piece, stop).ConfigureAwait(false);
        _held.Clear();
    }

    /// <summary>What an event meant.</summary>
    /// <param name="IsNothing">Not even a sign of life.</param>
    protected readonly record struct Taken(ModelPiece Piece, ModelFault? Fault = null, bool Ends = false, bool IsNothing = false)
    {
        public static readonly Taken Nothing = new(default, IsNothing: true);
        public static readonly Taken End = new(default, Ends: true);

        public static Taken Failed(ModelFault fault) => new(default, fault);
    }
}
