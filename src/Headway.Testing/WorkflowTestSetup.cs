using Headway.Handlers.Code;
using Headway.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Testing;

/// <summary>What a workflow under test has around it: services, the features it calls, models, and the time at which it begins.</summary>
public sealed class WorkflowTestSetup
{
    private readonly List<Action<TestNode, CodeHandlers, WorkflowCode>> _maps = [];
    private readonly Dictionary<Type, object> _services = [];
    private readonly Dictionary<string, Func<TestNode, IChatClient>> _models = new(StringComparer.Ordinal);
    private readonly List<string> _features = [];

    /// <summary>When the test begins. Default: Monday, 5 January 2026, 9:00 UTC.</summary>
    public DateTimeOffset Start { get; set; } = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Path of a feature file, whose contracts, retries, prompts and models hold. Default: each feature that is given here is async, with the usual retries.</summary>
    public string? FeatureFile { get; set; }

    /// <summary>The name of the workflow under test as a feature. Default: that of its class, `ContractReview` as `contract-review`.</summary>
    public string? Name { get; set; }

    /// <summary>Where services come from that <see cref="Service"/> does not give.</summary>
    public IServiceProvider? Services { get; set; }

    /// <summary>Where the node and its steps log to. Default: nowhere.</summary>
    public ILoggerFactory Logs { get; set; } = NullLoggerFactory.Instance;

    /// <summary>How long work that goes on is waited for before it is taken for waiting for the clock (`AdvanceAsync`) or is an error of the test (all else). Real time; default 10 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    internal IReadOnlyDictionary<Type, object> OwnServices => _services;

    internal IReadOnlyDictionary<string, Func<TestNode, IChatClient>> Models => _models;

    internal IReadOnlyList<string> Features => _features;

    /// <summary>A service that the workflow asks for in its constructor.</summary>
    public WorkflowTestSetup Service<T>(T service) where T : class
    {
        _services[typeof(T)] = service;
        return this;
    }

    /// <summary>The work of a feature that the workflow calls.</summary>
    public WorkflowTestSetup Feature<TIn, TOut>(string feature, Func<TIn, TOut> work) => Feature<TIn, TOut>(feature, (input, _) => Task.FromResult(work(input)));

    /// <inheritdoc cref="Feature{TIn, TOut}(string, Func{TIn, TOut})"/>
    public WorkflowTestSetup Feature<TIn, TOut>(string feature, Func<TIn, CancellationToken, Task<TOut>> work)
    {
        Add(feature, (node, code, _) => code.Add<TIn, TOut>(feature, (input, _, stop) => node.DoAsync($"feature {feature}", input, alive => work(input, alive), stop)));
        return this;
    }

    /// <summary>Another workflow, which the workflow under test calls.</summary>
    public WorkflowTestSetup Workflow<TWorkflow>(string feature) where TWorkflow : class
    {
        Add(feature, (node, _, workflows) => WorkflowMapping.Add<TWorkflow>(workflows, feature, node.Host.Services));
        return this;
    }

    /// <summary>A model that answers what it is told to.</summary>
    /// <param name="answer">Gets the text of the last message.</param>
    public WorkflowTestSetup Model(string name, Func<string, string> answer) =>
        Model(name, (messages, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answer(messages.Count == 0 ? "" : messages[^1].Text)))));

    /// <inheritdoc cref="Model(string, Func{string, string})"/>
    public WorkflowTestSetup Model(string name, Func<IReadOnlyList<ChatMessage>, ChatOptions?, CancellationToken, Task<ChatResponse>> answer)
    {
        _models[name] = node => new FakeModel(node, name, answer);
        return this;
    }

    internal void Map(TestNode node, CodeHandlers code, WorkflowCode workflows)
    {
        foreach (var map in _maps) map(node, code, workflows);
    }

    internal void Add(string feature, Action<TestNode, CodeHandlers, WorkflowCode> map)
    {
        if (_features.Contains(feature)) throw new WorkflowTestException($"The feature {feature} is given twice.");
        _features.Add(feature);
        _maps.Add(map);
    }
}
