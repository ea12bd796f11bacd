using System.Globalization;
using Headway.Features;
using Headway.Models;
using Headway.Models.Failover;

namespace Headway.Tests.Models.Failover;

/// <summary>The table of cases: what follows each failure. The page docs/model-failures.md shows the same rows.</summary>
public sealed class FailoverRuleTests
{
    private static readonly ModelDefinition Model = Catalogs.Rehearsal("fast");

    private static readonly (string Says, ModelFault Fault)[] Failures =
    [
        ("429 without Retry-After", Faults.RateLimited(Model, null, null)),
        ("429, Retry-After 0.2 s", Faults.RateLimited(Model, TimeSpan.FromSeconds(0.2), null)),
        ("429, Retry-After 3 s", Faults.RateLimited(Model, TimeSpan.FromSeconds(3), null)),
        ("429, Retry-After 60 s", Faults.RateLimited(Model, TimeSpan.FromSeconds(60), null)),
        ("500, 502, 503, an error in a 200, an unreadable or cut answer, no connection", Faults.Unavailable(Model, "503", null, null)),
        ("503, Retry-After 3 s", Faults.Unavailable(Model, "503", TimeSpan.FromSeconds(3), null)),
        ("a time limit passed (connect, first token, idle, total)", Faults.Timeout(Model, Limit.FirstToken, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4))),
        ("the answer breaks its schema", Faults.Of(Model, "output-invalid", FailureKind.InvalidOutput, "broke it") with { Repair = new Repair("{}", "wrong") }),
        ("an empty answer", Faults.Empty(Model)),
        ("left out: five failures in a row, next probe in 1 s", Faults.Of(Model, "model-circuit-open", FailureKind.Unavailable, "is left out", TimeSpan.FromSeconds(1)) with { NotAsked = true }),
        ("left out: five failures in a row, next probe in 20 s", Faults.Of(Model, "model-circuit-open", FailureKind.Unavailable, "is left out", TimeSpan.FromSeconds(20)) with { NotAsked = true }),
        ("a limit of the feature file leaves no room (`model-limit`) for 3 s", Faults.LimitReached(Model, "its limit is used up", TimeSpan.FromSeconds(3))),
        ("a limit of the feature file leaves no room (`model-limit`) for 40 s", Faults.LimitReached(Model, "its limit is used up", TimeSpan.FromSeconds(40))),
        ("the call is larger than a whole minute of the limit (`model-over-limit`)", Faults.OverLimit(Model, 300_000)),
        ("the key is refused, the model is not known, a redirect", Faults.Unauthorized(Model, 401)),
        ("the model may not see the data", Faults.DataNotAllowed(Model, DataClass.Phi)),
        ("too long, filtered, refused, another 4xx", Faults.ContextLength(Model, null)),
        ("a parameter is not known", Faults.ParameterUnsupported(Model, "seed", null)),
    ];

    private static readonly (string Says, Situation Now)[] Situations =
    [
        ("alone", Standard),
        ("alone, three calls made", Standard with { Calls = 3 }),
        ("alone, 2 s left", Standard with { Left = TimeSpan.FromSeconds(2) }),
        ("no retry budget", Standard with { MayRetry = false }),
        ("another model stands ready", Standard with { HasNext = true }),
        ("output was shown", Standard with { HasNext = true, Shown = true }),
    ];

    private static Situation Standard => new() { Calls = 1, HasNext = false, Left = TimeSpan.FromSeconds(30), MayRetry = true, Chance = 1 };

    [Fact]
    public void The_page_shows_what_follows_each_failure()
    {
        var table = $"| failure | {string.Join(" | ", Situations.Select(situation => situation.Says))} |\n|{string.Concat(Enumerable.Repeat("---|", Situations.Length + 1))}\n"
            + string.Concat(Failures.Select(failure => $"| {failure.Says} | {string.Join(" | ", Situations.Select(situation => Word(FailoverRule.Decide(failure.Fault, situation.Now))))} |\n"));

        File.ReadAllText(Repository.PathOf("docs/model-failures.md")).ShouldContain(table + "\n", customMessage: table);
    }

    [Fact]
    public void The_page_shows_how_long_a_model_may_keep_silent()
    {
        double[] left = [30, 10, 3, 1, 0.3];
        (string Says, Func<double, TimeSpan> Silence)[] columns =
        [
            ("alone", left => FailoverRule.Silence(TimeSpan.FromSeconds(4), canPassOn: false, TimeSpan.FromSeconds(left))),
            ("another model stands ready", left => FailoverRule.Silence(TimeSpan.FromSeconds(4), canPassOn: true, TimeSpan.FromSeconds(left))),
        ];
        var table = $"| left of the attempt | {string.Join(" | ", columns.Select(column => column.Says))} |\n|---|---|---|\n" + string.Concat(left.Select(seconds =>
            string.Create(CultureInfo.InvariantCulture, $"| {seconds} s | {string.Join(" | ", columns.Select(column => Seconds(column.Silence(seconds))))} |\n")));

        File.ReadAllText(Repository.PathOf("docs/model-failures.md")).ShouldContain(table + "\n", customMessage: table);
    }

    [Theory]
    [InlineData(1, false, "again at once")]
    [InlineData(2, false, "again at once")]
    [InlineData(3, false, "it fails")]
    [InlineData(2, true, "it fails")]
    public void A_model_is_told_once_what_is_wrong_with_its_answer_whichever_call_gave_it(int calls, bool repaired, string step) =>
        Word(FailoverRule.Decide(Failures.Single(failure => failure.Says == "the answer breaks its schema").Fault, Standard with { Calls = calls, Repaired = repaired })).ShouldBe(step);

    [Fact]
    public void Each_model_leaves_the_next_as_much_time_as_it_had_itself() => Property.Check(random =>
    {
        var (limit, left) = (TimeSpan.FromSeconds(random.NextDouble() * 30), TimeSpan.FromSeconds(0.5 + (random.NextDouble() * 30)));

        var silence = FailoverRule.Silence(limit, canPassOn: true, left);

        silence.ShouldBeLessThanOrEqualTo(limit);
        silence.ShouldBeLessThanOrEqualTo(left - silence + TimeSpan.FromTicks(1));
        FailoverRule.Silence(limit, canPassOn: false, left).ShouldBe(limit);
    });

    [Theory]
    [InlineData(1, 0, 100)]
    [InlineData(1, 1, 200)]
    [InlineData(2, 1, 400)]
    [InlineData(2, 0, 200)]
    public void Without_a_wish_of_the_provider_the_pause_doubles_and_is_spread_over_its_upper_half(int calls, double chance, int milliseconds) =>
        FailoverRule.Pause(Faults.Unavailable(Model, "503", null, null), Standard with { Calls = calls, Chance = chance }).TotalMilliseconds.ShouldBe(milliseconds);

    [Fact]
    public void A_pause_asked_for_is_never_shortened_and_no_call_begins_that_could_only_be_broken_off() => Property.Check(random =>
    {
        var asked = TimeSpan.FromSeconds(random.NextDouble() * 40);
        var now = Standard with { Left = TimeSpan.FromSeconds(random.NextDouble() * 40), Calls = random.Next(1, 5), HasNext = random.Next(2) == 0, Chance = random.NextDouble() };

        if (FailoverRule.Decide(Faults.RateLimited(Model, asked, null), now) is not NextStep.Again again) return;

        again.Pause.ShouldBe(asked);
        again.Pause.ShouldBeLessThan(now.Left);
        now.Calls.ShouldBeLessThan(FailoverRule.MostCalls);
    });

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##} s");

    private static string Word(NextStep step) => step switch
    {
        NextStep.Again { Pause: var pause } when pause == TimeSpan.Zero => "again at once",
        NextStep.Again again => string.Create(CultureInfo.InvariantCulture, $"again after {again.Pause.TotalSeconds:0.#} s"),
        NextStep.NextModel => "the next",
        _ => "it fails",
    };
}
