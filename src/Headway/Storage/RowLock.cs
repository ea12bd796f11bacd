namespace Headway.Storage;

/// <summary>Rows that a write will change and that others on other nodes may want in another order: locked before its group touches anything, those of the whole group in one order.</summary>
/// <param name="Statement">Locks them in order, a set of them at once.</param>
/// <param name="Number">Which; or by the bytes.</param>
internal sealed record RowLock(Sql Statement, long? Number, byte[]? Bytes = null)
{
    public void Take(Session session)
    {
        var asked = session.Use(Statement);
        if (Number is { } number) asked.Bind(1, number).Send();
        else asked.Bind(1, Bytes).Send();
    }
}
