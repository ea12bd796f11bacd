using Headway.Delivery;
using Headway.Jobs.Running;
using Headway.Jobs.Upkeep;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Reconciliation;
using Microsoft.Extensions.Logging;

namespace Headway;

/// <summary>What a node does again and again.</summary>
internal sealed partial class EngineRooms
{
    private DutyLoop Duties(Vault vault, FilePayloads files, AttemptCosts costs, AttemptEnds ends, Random random)
    {
        var (database, logs) = (Database, _options.Logs);
        return new DutyLoop(
            [
                new LeaseRenewer(_lease),
                _rescuer,
                new DueJobPromoter(database, _news, _tenants),
                _gates,
                new DeadlineExpirer(database, _news, _tenants, logs.CreateLogger<DeadlineExpirer>()),
                new HistoryPruner(database, logs.CreateLogger<HistoryPruner>()),
                new BudgetSettler(database), new TurnCharger(costs), new TurnPruner(database), new CallRateSettler(Rates),
                new WaitMatcher(database, Operators, _news, _tenants),
                new OverdueAttempts(database, Workers.Ends),
                new OrphanRemover(new OrphanPruner(database)),
                new KeptFileRemover(new KeptFilePruner(database, files)),
                new RefusalTeller(Refusals, Access.Denials),
                new UseTeller(Access),
                new AuditSequencer(_audit.Sequencer), new AuditSigner(_audit.Checkpoints), new AuditEventPruner(_audit.Pruner),
                new DueDeliveries(database, _deliveries), _claims,
                Oversight.Reconciler, new ErasedKeyForgetter(vault, new KeyStore(database)), Oversight.AlertWatch,
                .. database.IsShared ? [new KeyWatcher(Access.Ring), new ShareTeller(_workforce), new HeldJobMatcher(database, _lease, _running, ends), new OrphanRescuer(_rescuer)] : Array.Empty<Duty>(),
            ],
            _options.Beats ?? database.Time, random, logs.CreateLogger<DutyLoop>())
        {
            Told = mended => Oversight.Gaps.NoteAsync([new Gap(mended.Kind, mended.What) { Amount = mended.Amount, Did = GapDeeds.Mended }]),
        };
    }
}
