namespace Headway.Storage.Postgres;

/// <summary>Numbers for payloads, taken from the database's sequence by the block: a row can then name its payload before either is written.</summary>
/// <remarks>Invariant: a number is given out once. What a node had taken and not used stays unused when it ends.</remarks>
internal sealed class PayloadNumbers
{
    // The step of the sequence.
    private const int Block = 1_000;

    private static readonly Sql NextBlock = Sql.Of("next payload numbers", "SELECT nextval('payload_numbers')");

    private readonly Lock _gate = new();
    private long _next;
    private long _end;

    public async ValueTask<long> NextAsync(Session session)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_next < _end) return _next++;
            }
            using var block = session.Use(NextBlock);
            await block.StepAsync().ConfigureAwait(false);
            lock (_gate)
            {
                // Of several that came at once each takes a block; all but the last one's go unused.
                (_next, _end) = (block.Int64(0), block.Int64(0) + Block);
            }
        }
    }
}
