using Headway.Features;

namespace Headway.Models.Providers;

/// <summary>An answer as far as it has come: what it costs, however it ends.</summary>
internal abstract class ArrivingAnswer(ModelDefinition model, ModelRequest request)
{
    public ModelDefinition Model => model;
    public bool KeepsWire => request.KeepsWire;
    protected ModelRequest Request => request;

    /// <summary>Goes along with every reply, failures included.</summary>
    public UpstreamLimits? Limits { get; set; }

    /// <summary>Something of the answer has arrived, and so is paid for. What is sent before the model has begun (a role, an empty block) is nothing of it.</summary>
    public bool Begun { get; protected set; }

    /// <summary>The model said why it ended.</summary>
    public abstract bool Finished { get; }

    /// <summary>The upstream said what was used.</summary>
    protected abstract bool IsCounted { get; }

    protected abstract Usage Usage { get; }

    /// <summary>A fault, with what it cost.</summary>
    public ModelReply Failed(ModelFault fault) => new ModelReply.Failed(Begun || IsCounted ? fault with { Usage = Usage } : fault) { Limits = Limits };

    /// <summary>Stopped from our side, with what it cost.</summary>
    public ModelReply Stopped() => new ModelReply.Stopped(Usage);

    /// <summary>The connection went.</summary>
    public ModelReply Broken() => Failed(Faults.Cut(model, Begun ? "in the middle of its answer" : "before its first token"));

    protected ModelReply.Answered Answered(ModelAnswer answer) => new(answer) { Limits = Limits };
}
