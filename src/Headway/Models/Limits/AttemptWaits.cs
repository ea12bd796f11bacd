using System.Globalization;

namespace Headway.Models.Limits;

/// <summary>What the calls of an attempt wait for before they are made, for whoever asks why nothing happens. In memory only: it is of this node and this moment.</summary>
/// <param name="changed">Told when a wait begins or ends.</param>
internal sealed class AttemptWaits(Action? changed = null)
{
    private readonly Lock _gate = new();
    private readonly List<ModelWait> _waits = [];

    /// <summary>The wait that ends last as far as that is known; null: none.</summary>
    public ModelWait? Current
    {
        get
        {
            lock (_gate) return _waits.MaxBy(wait => wait.Until ?? DateTimeOffset.MaxValue);
        }
    }

    /// <summary>One wait in place of another: either may be missing.</summary>
    public void Replace(ModelWait? old, ModelWait? wait)
    {
        lock (_gate)
        {
            if (old is not null) _waits.Remove(old);
            if (wait is not null) _waits.Add(wait);
        }
        if ((old is null) != (wait is null)) changed?.Invoke();
    }
}

/// <summary>A call waits for a limit of its model.</summary>
/// <param name="Limit">The limit in words: "limit of 500 requests a minute".</param>
/// <param name="Until">When it is thought to be let through; null: not known.</param>
internal sealed record ModelWait(string Model, string Limit, DateTimeOffset? Until)
{
    public const string Code = "model-limit";

    public string Text(DateTimeOffset now) => Until is { } until
        ? string.Create(CultureInfo.InvariantCulture, $"The {Limit} of model {Model}; about {Math.Max(1, Math.Ceiling((until - now).TotalSeconds)):0} s.")
        : $"The {Limit} of model {Model}.";
}
