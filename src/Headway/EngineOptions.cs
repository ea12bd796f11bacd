using Headway.Delivery.Sending;
using Headway.Features;
using Headway.Handlers.Code;
using Headway.Jobs.Running;
using Headway.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway;

/// <summary>What a host decides about its node.</summary>
internal sealed record EngineOptions
{
    /// <summary>Path of the feature file.</summary>
    public required string File { get; init; }

    /// <summary>sqlite:FILE or postgres://USER:PASSWORD@HOST:PORT/DATABASE. Default: what the feature file says, else headway.db beside it.</summary>
    public string? Database { get; init; }

    /// <summary>What this node does of the whole.</summary>
    public NodeDuty Duty { get; init; } = NodeDuty.Both;

    /// <summary>The C# code that the host gives to features.</summary>
    public CodeHandlers Code { get; init; } = new();

    /// <summary>The workflows that the host gives to features.</summary>
    public WorkflowCode Workflows { get; init; } = new();

    /// <summary>Under which address systems outside reach the service, such as `https://ai.example.com`; null: it was not said.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Finds the addresses of receivers of webhooks; null: the system does.</summary>
    public Resolve? Resolve { get; init; }

    /// <summary>Looks up `${NAME}` and HEADWAY_MASTER_KEY.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Source of jitter.</summary>
    public Random? Random { get; init; }
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;

    /// <summary>How long running work may go on when the node stops, before it is handed back.</summary>
    public TimeSpan DrainWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the node counts as alive without a sign of life; it gives one three times as often.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told of every operation that changed something at its commit, as `NAME:before-commit` and `NAME:after-commit`, and of every line of a journal, as `journal step NAME:before-commit`; for tests that end the node there.</summary>
    public Action<string>? Fault { get; init; }

    /// <summary>What the beats of duties go by. Default: <see cref="Time"/>; a test whose clock stands still has them go on.</summary>
    public TimeProvider? Beats { get; init; }

    /// <summary>Stands around each try of a workflow's step; null: nothing does.</summary>
    public AroundStep? AroundStep { get; init; }

    /// <summary>Models that the host has itself, asked by name before the feature file is; for code and workflows.</summary>
    public Func<string, IChatClient?>? Models { get; init; }

    /// <summary>Whether the node may make its master key file: only where nobody else can reach it.</summary>
    public Func<FeatureFile, bool> MayMakeMasterKey { get; init; } = static _ => true;
}
