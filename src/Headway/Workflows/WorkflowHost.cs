using Headway.Features;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Payloads;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Workflows;

/// <summary>What the workflows of a node have of its other rooms.</summary>
internal sealed record WorkflowHost
{
    public required Database Database { get; init; }
    public required Vault Vault { get; init; }
    public required Preparation Preparation { get; init; }
    public required AttemptEnds Ends { get; init; }
    public required JobReader Jobs { get; init; }
    public required Results Results { get; init; }
    public required Operators Operators { get; init; }
    public required Claimer Claimer { get; init; }
    public required JobNews News { get; init; }
    public required RunningJobs Running { get; init; }
    public required WorkflowPins Pins { get; init; }
    /// <summary>What looks at the database go by that make up for lost words.</summary>
    public required TimeProvider Beats { get; init; }
    public required Random Random { get; init; }
    public required ILoggerFactory Logs { get; init; }

    /// <summary>The feature file as it is now: what children are called by.</summary>
    public required Func<FeatureFile> File { get; init; }

    public required Surroundings Around { get; init; }

    /// <summary>Null: nothing stands around the steps.</summary>
    public AroundStep? AroundStep { get; init; }
}

/// <summary>Does one try of a step, or fails it: where a test counts tries, and makes them fail.</summary>
/// <param name="step">Its name, with the branches it lies in before it.</param>
internal delegate Task<byte[]> AroundStep(JobId job, string step, Func<CancellationToken, Task<byte[]>> work, CancellationToken stop);
