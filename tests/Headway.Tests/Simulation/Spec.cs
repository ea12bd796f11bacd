using System.Globalization;
using Headway.Budgets;
using Headway.Features;
using Headway.Jobs.Storage;

namespace Headway.Tests.Simulation;

/// <summary>A call as it is accepted.</summary>
internal sealed record Spec
{
    /// <summary>The least that is held back, and spent.</summary>
    public const long Price = 1_000_000;

    public static readonly IReadOnlyList<string> Tenants = ["a", "b", "limited"];

    public required string Tenant { get; init; }
    public required Mode Mode { get; init; }
    public required int Priority { get; init; }
    public string? Key { get; init; }
    public byte Fingerprint { get; init; }
    public string? Hold { get; init; }

    /// <summary>The held key can be given to a call with another input; else it is given to whoever calls again.</summary>
    public bool IsDebounced { get; init; }
    public bool HasWindow { get; init; }
    public long? Delay { get; init; }
    public long? Patience { get; init; }
    public long? Nano { get; init; }

    public string? Gate => Tenant == "limited" ? Tenant : null;
    public static int Weight(string tenant) => tenant == "b" ? 2 : 1;
    public long Charge => Delay is null && Mode is not Mode.Stream ? Turns.Charge(Weight(Tenant)) : 0;

    public static Spec Of(Random chance, Terms terms, bool plain)
    {
        var held = !plain && chance.Next(4) == 0;
        var debounced = held && chance.Next(2) == 0;
        var streams = !plain && !terms.Pull && !held && chance.Next(8) == 0;
        return new Spec
        {
            Tenant = Tenants[chance.Next(Tenants.Count)],
            Mode = streams ? Mode.Stream : Mode.Async,
            Priority = chance.Next(3) == 0 ? chance.Next(10) : 5,
            Key = chance.Next(2) == 0 ? chance.Next(3).ToString(CultureInfo.InvariantCulture) : null,
            Fingerprint = (byte)(chance.Next(4) == 0 ? 1 : 0),
            Hold = held ? $"{(debounced ? "late" : "only")}{chance.Next(2)}" : null,
            IsDebounced = debounced,
            HasWindow = held && !debounced && chance.Next(3) == 0,
            Delay = debounced || !streams && chance.Next(5) == 0 ? chance.Next(1, 40_000) : null,
            Patience = chance.Next(3) == 0 ? chance.Next(1, 60_000) : null,
            Nano = terms.Budget is not null ? chance.Next(0, 6) * Price : null,
        };
    }

    public NewJob Job(JobId id, long now, Place place) => new()
    {
        Origin = Origin(id, Tenant, place),
        Pool = place.Pool,
        Mode = Mode,
        Priority = Priority,
        Created = now,
        Due = now + Delay,
        Deadline = now + Patience,
        Input = [1, 2, 3],
        Charge = Charge,
        Gate = Gate,
        Pulled = place.Wanted is null ? null : Tenant,
        Idempotency = Key is null ? null : Claim(place, Key, now + KeptFor),
        Hold = Hold is null ? null : new HeldKey(Bytes(Hold))
        {
            Window = HasWindow ? Claim(place, Window!, now + 10_000) : null,
            LatestStart = IsDebounced ? now + 30_000 : null,
            SealedFor = _ => ([4, 5], null),
        },
        Reservation = Nano is { } nano ? new Reservation([place.Limit!], nano) : null,
    };

    /// <summary>How long its idempotency key is kept: one of them longer than any record.</summary>
    public long KeptFor => Key == "2" ? 6 * Model.Hour : Model.Hour;

    public string? Window => HasWindow ? "w-" + Hold : null;

    public static JobOrigin Origin(JobId id, string tenant, Place place) => new(id, tenant, "local", null, place.Definition, DataClass.Internal, null);

    private IdempotencyClaim Claim(Place place, string key, long expires) => new(place.Pool, Bytes(key), [Fingerprint], expires);

    private static byte[] Bytes(string key) => System.Text.Encoding.UTF8.GetBytes(key);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Mode} of {Tenant} priority {Priority}{(Key is null ? "" : $" key {Key}/{Fingerprint}")}{(Hold is null ? "" : $" holding {Hold}{(HasWindow ? " for a while" : "")}")}{(Delay is null ? "" : $" in {Delay} ms")}{(Patience is null ? "" : $" deadline in {Patience} ms")}{(Nano is null ? "" : $" at most {Nano}")}");
}

/// <summary>Where a story takes place.</summary>
/// <param name="Limit">The budget; null: nobody counts.</param>
/// <param name="Wanted">What pull workers claim from; null: nodes do.</param>
internal sealed record Place(long Pool, long Definition, BudgetLimit? Limit, WantedPool? Wanted)
{
    public IReadOnlyList<BudgetLimit> Limits => Limit is null ? [] : [Limit];
}
