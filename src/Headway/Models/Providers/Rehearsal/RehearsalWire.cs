using Headway.Models.Providers.Anthropic;

namespace Headway.Models.Providers.Rehearsal;

/// <summary>A rehearsed answer in the form of the OpenAI API, for a caller who speaks that.</summary>
internal sealed class RehearsalWire(DateTimeOffset now)
{
    private readonly CompletionWire _wire = new("chatcmpl-rehearsal", "rehearsal", now);

    /// <summary>Shows each piece of text as a chunk, too.</summary>
    public PieceSink? In(PieceSink? show) => show is null ? null : (piece, stop) => show(piece with { Chunk = _wire.Chunk(CompletionWire.Text(piece.Text ?? "")) }, stop);

    public async ValueTask EndAsync(PieceSink show, string finish, Usage usage, CancellationToken stop)
    {
        await show(new ModelPiece(null, _wire.Chunk([], finish)), stop).ConfigureAwait(false);
        await show(new ModelPiece(null, _wire.Chunk(Of(usage))), stop).ConfigureAwait(false);
    }

    public ReadOnlyMemory<byte> Whole(string text, string finish, Usage usage)
    {
        var turn = CompletionWire.Role;
        turn["content"] = text;
        return _wire.Whole(turn, finish, Of(usage));
    }

    private static AnthropicUsage Of(Usage usage) => new() { InputTokens = usage.InputTokens, OutputTokens = usage.OutputTokens };
}
