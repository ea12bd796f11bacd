using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Tests.Simulation;

/// <summary>One write of the engine, with what its verdict may be.</summary>
internal abstract class Operation
{
    /// <summary>It goes on a connection of its own where there is one, so it shares no group.</summary>
    public virtual bool IsAlone => false;

    /// <summary>How many jobs it wants accepted.</summary>
    public virtual int Wants => 0;

    /// <param name="soon">Others of its group follow.</param>
    /// <returns>The verdict, or the code with which it was refused.</returns>
    public abstract Task<object?> SendAsync(Database database, bool soon);

    /// <summary>Changes the model as the verdict says. Null: it may be so.</summary>
    public abstract string? Explain(Model model, object? verdict);

    /// <summary>Who asked learns the verdict.</summary>
    public virtual void Learn(object? verdict)
    {
    }

    /// <summary>What is sent when the answer was lost.</summary>
    public virtual Operation Again() => this;
}

internal abstract class Operation<TVerdict>(string text) : Operation
{
    public override string ToString() => text;

    protected abstract Write<TVerdict> Write();

    protected abstract string? Explain(Model model, TVerdict verdict);

    protected virtual void Learn(TVerdict verdict)
    {
    }

    public sealed override async Task<object?> SendAsync(Database database, bool soon)
    {
        try
        {
            return soon ? await database.WriteSoonAsync(Write()) : await database.WriteAsync(Write());
        }
        catch (StorageException error)
        {
            return new Refused(error.Code, error.Message);
        }
    }

    public sealed override string? Explain(Model model, object? verdict) => verdict is Refused refused ? $"{text} was refused: {refused}" : Explain(model, (TVerdict)verdict!);

    public sealed override void Learn(object? verdict)
    {
        if (verdict is not Refused) Learn((TVerdict)verdict!);
    }

    /// <summary>For a verdict that can be only one.</summary>
    protected string? Only(TVerdict expected, TVerdict verdict) => EqualityComparer<TVerdict>.Default.Equals(expected, verdict) ? null : $"{text} said {verdict} and not {expected}";

    private sealed record Refused(string Code, string Message);
}

/// <summary>A node as it sees itself, which may be wrong.</summary>
internal sealed class Actor(string name)
{
    public string Name => name;
    public int Epoch { get; set; }

    /// <summary>Null: it is dead, or has lost its lease and knows it.</summary>
    public long? Lease { get; set; }

    /// <summary>What its clock is off, in milliseconds.</summary>
    public long Drift { get; set; }

    /// <summary>Attempts that it takes for its own, also when its lease was lost: their work goes on, and tries to write.</summary>
    public List<ClaimedJob> Holds { get; } = [];

    /// <summary>Attempts that it is done with, of which something may still be on its way.</summary>
    public List<ClaimedJob> Former { get; } = [];

    public void IsDoneWith(Fence fence)
    {
        Former.AddRange(Holds.Where(held => held.Fence == fence));
        Holds.RemoveAll(held => held.Fence == fence);
    }
}
