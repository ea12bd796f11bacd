namespace Headway.Upstream.Failing;

/// <summary>How a model API puts on the wire what every model API says. A second one is a second class; the faults stay as they are.</summary>
public abstract class Dialect
{
    /// <summary>A first event without a token: a sign of life, no answer.</summary>
    public abstract string Role(Reply reply);

    /// <summary>An event with a piece of the text.</summary>
    public abstract string Piece(Reply reply, string text);

    /// <summary>An event with a piece of a refusal.</summary>
    public abstract string Refusal(Reply reply, string text);

    /// <summary>An event with a call of a tool.</summary>
    public abstract string Tool(Reply reply);

    /// <summary>An event that says why the model has ended.</summary>
    public abstract string Finish(Reply reply, Finish reason);

    /// <summary>An event that says what was used.</summary>
    public abstract string Usage(Reply reply, long input, long output);

    /// <summary>An event of a second answer beside the first.</summary>
    public abstract string SecondChoice(Reply reply, string text);

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
public enum Finish { Stop, Length, Filtered, Tools, Broken, Unsaid }

/// <summary>What an API complains of.</summary>
public enum Complaint { None, RateLimit, Quota, Overloaded, ContextLength, Filtered, Key, Model, Parameter, Other }
