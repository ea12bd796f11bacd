namespace Headway.Payloads;

/// <summary>
/// A sealed payload could not be opened: it was cut or altered, it belongs to another job, or its key is gone.
/// An exception because it means damage, or an erasure that came in between: no caller can cause it. The message holds no content.
/// </summary>
internal sealed class UnreadablePayloadException : Exception
{
    private UnreadablePayloadException(UnreadableReason reason, string message, Exception? cause = null)
        : base(message, cause) => Reason = reason;

    public UnreadableReason Reason { get; }

    public static UnreadablePayloadException Cut(int length) =>
        new(UnreadableReason.Cut, $"A sealed payload has at least {Envelope.Overhead} bytes; this one has {length}. It was cut short.");

    public static UnreadablePayloadException UnknownVersion(byte version) =>
        new(UnreadableReason.UnknownVersion, $"The sealed payload has format {version}; this version of Headway reads format {Envelope.Version}.");

    public static UnreadablePayloadException UnknownKey(long id) =>
        new(UnreadableReason.UnknownKey, $"The payload was sealed with data key {id}, which this tenant does not have.");

    public static UnreadablePayloadException Erased(long id) =>
        new(UnreadableReason.Erased, $"The payload was sealed with data key {id}, which was destroyed when its subject was erased.");

    public static UnreadablePayloadException Altered(PayloadKind kind, JobId job, Exception? cause) =>
        new(UnreadableReason.Altered, $"The sealed {kind.ToString().ToLowerInvariant()} of {job} does not match its seal: it was altered, or belongs elsewhere.", cause);

    public static UnreadablePayloadException AlteredKey(string what, Exception cause) =>
        new(UnreadableReason.Altered, $"The stored {what} does not match its seal: the row was altered, or belongs to another database.", cause);

    public static UnreadablePayloadException Incomplete(JobId job, int file) =>
        new(UnreadableReason.Cut, $"File {file} of {job} is incomplete: its last piece is missing.");
}

internal enum UnreadableReason { Cut, UnknownVersion, UnknownKey, Altered, Erased }
