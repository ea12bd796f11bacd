namespace Headway.Models.Failover;

/// <summary>Holds the pieces of an answer back until it is known to be whole (`stream: hold`), so that another model may still take over.</summary>
/// <remarks>Bounded: an answer longer than <see cref="MostCharacters"/> is let go as it comes from there on, and then it can only go on or break.</remarks>
internal sealed class HeldOutput(PieceSink show)
{
    /// <summary>About 60,000 tokens: longer than nearly any answer, and nothing for memory.</summary>
    public const int MostCharacters = 256 * 1024;

    private readonly List<ModelPiece> _held = [];
    private int _size;
    private bool _open;

    public ValueTask TakeAsync(ModelPiece piece, CancellationToken stop)
    {
        if (_open) return show(piece, stop);
        _held.Add(piece);
        _size += Math.Max(piece.Text?.Length ?? 0, piece.Chunk.Length);
        return _size <= MostCharacters ? ValueTask.CompletedTask : ReleaseAsync(stop);
    }

    /// <summary>The answer stands: shown at once, and whatever still comes too.</summary>
    public async ValueTask ReleaseAsync(CancellationToken stop)
    {
        _open = true;
        foreach (var piece in _held) await show(piece, stop).ConfigureAwait(false);
        Drop();
    }

    /// <summary>The answer came to nothing: nobody has seen it.</summary>
    public void Drop()
    {
        _held.Clear();
        _size = 0;
    }
}
