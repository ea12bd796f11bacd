namespace Headway;

/// <summary>A model gave no answer that can be used. Left uncaught, the attempt fails with the model's own failure and is tried again if that may help.</summary>
public sealed class ModelFailedException : Exception
{
    internal ModelFailedException(Failure failure)
        : base(failure.Message) => Failure = failure;

    /// <summary>Stable and machine-readable: `model-rate-limited`, `model-answer-cut`.</summary>
    public string Code => Failure.Code;

    /// <summary>Whether another try could succeed.</summary>
    public bool Retryable => Failure.Retryable;

    /// <summary>What the upstream asked for; null if nothing.</summary>
    public TimeSpan? RetryAfter => Failure.RetryAfter;

    internal Failure Failure { get; }
}
