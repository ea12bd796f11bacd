namespace Headway;

/// <summary>A person's decision.</summary>
/// <param name="Granted">Whether it goes on.</param>
/// <param name="Reason">In their words.</param>
public sealed record Approval(bool Granted, string? Reason = null)
{
    /// <summary>Who decided.</summary>
    public string? By { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>What a person is asked, as it is kept with the wait.</summary>
internal sealed record Question(string? Text, string? Link);
