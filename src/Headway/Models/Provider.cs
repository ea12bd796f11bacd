using Headway.Features;

namespace Headway.Models;

/// <summary>The adapter that talks to one kind of model API. One instance serves every model of its kind.</summary>
internal abstract class Provider
{
    /// <summary>As the feature file names it.</summary>
    public abstract string Name { get; }

    /// <summary>What a model thought is given back to it with the next turn; where false, no server of this API takes it.</summary>
    public virtual bool TakesThoughts => false;

    /// <summary>
    /// Asks the model once. Whatever the upstream does is a value; only <paramref name="stop"/> and a failing <paramref name="show"/> throw.
    /// </summary>
    /// <param name="show">Null: nobody looks at the pieces.</param>
    public abstract Task<ModelReply> AskAsync(ModelDefinition model, ModelRequest request, PieceSink? show, CancellationToken stop);
}
