namespace Headway;

/// <summary>Headway cannot start, and the reason is something its operator can mend: a feature file with mistakes, an address it may not listen on, a database in use.</summary>
/// <remarks>Reads as its message alone: whoever has to mend a file is not helped by a stack.</remarks>
public sealed class HeadwayStartException : Exception
{
    /// <summary>With what is wrong and how to mend it.</summary>
    public HeadwayStartException(string message) : base(message)
    {
    }

    /// <summary>The message; no stack.</summary>
    public override string ToString() => Message;
}
