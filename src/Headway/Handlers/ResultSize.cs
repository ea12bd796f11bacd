namespace Headway.Handlers;

/// <summary>How large an answer of a handler may be.</summary>
internal static class ResultSize
{
    /// <summary>The same as the default limit of an input: results are sealed and recorded whole, so one is held in memory.</summary>
    public const int Largest = 32 * 1024 * 1024;

    public const string Code = "result-too-large";

    public static Failure TooLarge(string place) => new()
    {
        Code = Code,
        Kind = FailureKind.Permanent,
        Message = $"{place} answered with more than {Largest / (1024 * 1024)} MiB. Answer with a reference to a file store instead.",
        Fingerprint = Failure.Print(Code, place),
    };
}
