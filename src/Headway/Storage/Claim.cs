namespace Headway.Storage;

/// <summary>Something that a write decides about, and that others may decide about at the same time.</summary>
/// <param name="Kind">What it is, in a word.</param>
/// <param name="Key">Which one. Compared by value.</param>
/// <param name="OnEveryNode">Whether the writes of other nodes wait, too: where no row of the database is there to be locked.</param>
internal readonly record struct Claim(string Kind, object Key, bool OnEveryNode = false)
{
    public static Claim On(JobId job) => new("job", job);
}
