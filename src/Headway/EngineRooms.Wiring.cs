using Headway.Alerts;
using Headway.Alerts.Signs;
using Headway.Delivery;
using Headway.Delivery.Sending;
using Headway.Handlers;
using Headway.Handlers.Prompt;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Payloads;
using Headway.Workflows;
using Microsoft.Extensions.Logging;

namespace Headway;

/// <summary>Rooms that take more than a line to put together.</summary>
internal sealed partial class EngineRooms
{
    private HandlerFactory ForHandlers() => new(Database.Time)
    {
        Code = _options.Code,
        Workflows = version => WorkOf(version, _options.Workflows) is { } work ? new WorkflowHandler(work, () => _workflows!) : null,
        Prompts = version => PromptHandlers.For(version, _models, _tools, KeptFiles),
        Models = (name, attempt) => _options.Models?.Invoke(name) ?? PromptHandlers.ClientFor(name, attempt, _models),
        Current = version => Catalog.Current.Features.GetValueOrDefault(version.Feature)?.Versions.FirstOrDefault(now => now.Number == version.Number),
        Logs = _options.Logs,
    };

    private WorkflowHost ForWorkflows(Vault vault, Preparation preparation, AttemptEnds ends, Random random) => new()
    {
        Database = Database,
        Vault = vault,
        Preparation = preparation,
        Ends = ends,
        Jobs = Jobs,
        Results = Results,
        Operators = Operators,
        Claimer = _claimer,
        News = _news,
        Pins = new WorkflowPins(Database, _options.Logs.CreateLogger<WorkflowPins>()),
        Running = _running,
        Beats = _options.Beats ?? Database.Time,
        Random = random,
        Logs = _options.Logs,
        File = () => Catalog.Current,
        Around = new Surroundings(_handlers.Models, (attempt, name) => Callbacks.PathOf(vault, attempt.Tenant, attempt.Job, name), _options.PublicUrl),
        AroundStep = _options.AroundStep,
    };

    private AlertWatch ForAlerts() =>
        new(Database, Oversight.Alerts, new JobSigns(_tenants), () => Catalog.Current, _options.PublicUrl, _deliveries.Look, _options.Logs.CreateLogger<AlertWatch>());

    private (GuardedConnections, Deliveries, ClaimRescuer, EndpointDesk) ForEndpoints(Vault vault, Random random)
    {
        var receivers = new GuardedConnections(_options.Resolve);
        var (body, post) = (new WebhookBody(vault, Jobs, Results, _options.PublicUrl), new WebhookPost(receivers, Database.Time));
        var deliveries = new Deliveries(Database, vault, Jobs, body, post, _lease, () => Catalog.Current, random, _options.Logs.CreateLogger<Deliveries>());
        return (receivers, deliveries, new ClaimRescuer(Database, deliveries), new EndpointDesk(Database, Jobs, deliveries, _lease, () => Catalog.Current));
    }
}
