namespace Headway.Upstream.Failing;

/// <summary>How a model API puts on the wire what every model API says. Each is a class; the faults stay as they are.</summary>
public abstract class Dialect
{
    /// <summary>As a feature file names the provider that speaks it.</summary>
    public abstract string Provider { get; }

    /// <summary>What only this API can do wrong.</summary>
    public virtual IReadOnlyList<Fault> Own => [];

    /// <summary>A first event without a token: a sign of life, no answer.</summary>
    public abstract string Role(Reply reply);

    /// <summary>An event with a piece of the text.</summary>
    public abstract string Piece(Reply reply, string text);

    /// <summary>What comes before the end of a refusal.</summary>
    public abstract string Refusal(Reply reply, string text);

    /// <summary>An event with a call of a tool.</summary>
    public abstract string Tool(Reply reply);

    /// <summary>What says why the model has ended, and what was used, if that is said.</summary>
    public abstract string Finish(Reply reply, Finish reason, Tokens? usage);

    /// <summary>What says that nothing more comes.</summary>
    public abstract string End { get; }

    /// <summary>The answer in one piece.</summary>
    public abstract string Whole(Reply reply, string text, Finish reason, Tokens? usage);

    /// <summary>The body of an error.</summary>
    public abstract string Error(Complaint complaint);

    /// <summary>An error in the middle of a stream.</summary>
    public abstract string ErrorEvent(Complaint complaint);
}

/// <summary>What a model says when it does well; its pieces carry its name, so that a splice of two models shows.</summary>
public sealed record Reply(string Model)
{
    /// <summary>The text in the pieces in which it comes.</summary>
    public IReadOnlyList<string> Pieces { get; } = [$"{Model}/1 ", $"{Model}/2 ", $"{Model}/3 ", $"{Model}/4"];

    /// <summary>The whole of it.</summary>
    public string Text => string.Concat(Pieces);

    /// <summary>What it bills.</summary>
    public Tokens Usage { get; } = new(31, 14);
}

/// <summary>Tokens in and out.</summary>
public readonly record struct Tokens(long Input, long Output);

/// <summary>Why a model has ended.</summary>
public enum Finish { Stop, Length, Filtered, Refused, Tools, Broken, Unsaid }

/// <summary>What an API complains of.</summary>
public enum Complaint { None, RateLimit, Quota, Overloaded, ContextLength, Filtered, Key, Model, Parameter, Other }
