using System.Collections.Concurrent;
using System.Text.Json;
using Headway.Access;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Storage;
using Headway.Tests.Jobs;

namespace Headway.Tests.Caching;

/// <summary>
/// The promise of the cache, attacked by stories of calls in every mode, of two tenants and two subjects, several at once, with all wishes, failures, time that passes, pruning
/// and files that are tightened: an answer is given again only to the same tenant, subject, input and version as it was made for, while it may be, and as the caller wishes.
/// </summary>
public sealed class Whatever_comes_when_each_answer_is_one_that_may_be_given
{
    private static readonly string[] Modes = ["sync", "private", "async", "hybrid", "stream"];

    private readonly Work _work = new();

    [Fact]
    public void In_every_story() => Property.Check(chance => PlayAsync(chance).GetAwaiter().GetResult(), cases: 12);

    private async Task PlayAsync(Random chance)
    {
        var time = new ManualTime();
        await using var node = await Node.StartAsync(File("10m"), code =>
        {
            foreach (var mode in Modes) code.Add<Order, Made>(mode, _work.RunAsync);
        }, time, lease: TimeSpan.FromDays(1));
        var files = new[] { node.Engine.Features, Read("1m"), Read("10m", pool: 3) };
        var file = files[0];
        _work.Begin(time);
        for (var step = 0; step < 25; step++)
        {
            switch (chance.Next(6))
            {
                case 0:
                    time.Advance(TimeSpan.FromSeconds(chance.Next(1, 200)));
                    break;
                case 1:
                    file = files[chance.Next(files.Length)];
                    break;
                case 2:
                    await node.Engine.Database.WriteAsync(new PruneHistory(time.GetUtcNow().ToUnixTimeMilliseconds(), 3));
                    break;
                default:
                    _work.Failures = chance.Next(8) == 0 ? 1 : 0;
                    var asked = Enumerable.Range(0, chance.Next(1, 5)).Select(_ => Ask(chance, node, file)).ToList();
                    var answers = await Task.WhenAll(asked.Select(call => Task.Run(() => EndAsync(node, call))));
                    foreach (var (call, given) in asked.Zip(answers)) Judge(call, given, time.GetUtcNow());
                    break;
            }
            NothingIsKeptThatDidNotEndWell(node);
        }
    }

    private void Judge(Call call, (Job Job, Made Made)? given, DateTimeOffset now)
    {
        if (given is not var (job, made)) return;
        var context = JsonSerializer.Serialize(new { job.Id, job.CachedFrom, made, call.Cache, now });
        (made.Tenant, made.Feature, made.Input, made.Subject).ShouldBe((call.Caller.Tenant, call.Feature.Feature, Text(call), call.Subject), context);
        (job.CachedFrom is null).ShouldBe(made.Job == job.Id.ToString(), context);
        if (job.CachedFrom is not { } from) return;
        made.Job.ShouldBe(from.ToString(), context);
        _work.Calls[made.Job].ShouldBe(call.Feature.DefinitionHash, context);
        (now - made.At).ShouldBeLessThan(call.Feature.Cache!.For, context);
        (call.Cache.NoStore || call.Cache.NoCache).ShouldBeFalse(context);
        if (call.Cache.MaxAge is { } most) (now - made.At).ShouldBeLessThanOrEqualTo(most, context);
        job.Usage.Usd.ShouldBe(0m, context);
        _work.NotKept.ShouldNotContain(made.Job, context);
    }

    private static void NothingIsKeptThatDidNotEndWell(Node node)
    {
        node.Number("SELECT count(*) FROM cached_answers c LEFT JOIN jobs j ON j.id = c.job WHERE coalesce(j.state, 0) <> 5 OR j.tenant <> c.tenant OR j.cached IS NOT NULL").ShouldBe(0);
        node.Number("SELECT (SELECT coalesce(sum(size), 0) FROM cached_sizes) - (SELECT coalesce(sum(size), 0) FROM cached_answers)").ShouldBe(0);
    }

    private Call Ask(Random chance, Node node, FeatureFile file)
    {
        var call = node.Call("sync", $$"""{"id":"{{chance.Next(2)}}"}""") with
        {
            Feature = file.Features[Modes[chance.Next(Modes.Length)]].Latest,
            Caller = Caller.Local with { Tenant = chance.Next(2) == 0 ? "default" : "other" },
            Subject = chance.Next(3) == 0 ? "encounter/1" : null,
            IdempotencyKey = chance.Next(6) == 0 ? $"{chance.Next(1_000_000)}" : null,
            Job = JobId.New(node.Engine.Database.Time.GetUtcNow()),
            Cache = new CacheWish(chance.Next(6) == 0, chance.Next(6) == 0, chance.Next(4) == 0 ? TimeSpan.FromSeconds(chance.Next(100)) : null, chance.Next(8) == 0),
        };
        _work.Know(call);
        return call;
    }

    private static async Task<(Job Job, Made Made)?> EndAsync(Node node, Call call)
    {
        var answer = await node.Engine.CallAsync(call, CancellationToken.None);
        if (answer is Answer.Done done) return (done.Job, Parse(Node.Text(done.Result)));
        if (answer is Answer.Refused { Refusal.Code: "not-cached" }) return null;
        if (answer is Answer.Failed) return null;
        var id = answer is Answer.Streaming streaming ? streaming.Job.Id : answer.ShouldBeOfType<Answer.Accepted>().Job.Id;
        var job = await node.Engine.WaitAsync(call.Caller, id, TimeSpan.FromHours(1), CancellationToken.None);
        if (job!.State is not JobState.Succeeded) return null;
        return (job, Parse(Node.Text((await node.Engine.ResultAsync(call.Caller, id, CancellationToken.None)).ShouldBeOfType<ResultAnswer.Found>().Result)));
    }

    private static Made Parse(string json) => JsonSerializer.Deserialize<Made>(json, JsonSerializerOptions.Web)!;

    private static string Text(Call call) => JsonDocument.Parse(call.Input.Json).RootElement.GetProperty("id").GetString()!;

    private static FeatureFile Read(string kept, int pool = 4)
    {
        var folder = Directory.CreateTempSubdirectory("headway-").FullName;
        try
        {
            var path = Path.Combine(folder, "headway.yaml");
            System.IO.File.WriteAllText(path, File(kept, pool));
            return FeatureFileReader.Read(path, _ => null).File.ShouldNotBeNull();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string File(string kept, int pool = 4) => $$"""
        features:
          sync:    { contract: { mode: sync, caller: waits }, handler: code, timeout: 20s, cache: { for: {{kept}} }, pool: { concurrency: {{pool}} } }
          private: { contract: { mode: sync, caller: waits, data: phi }, handler: code, timeout: 20s, cache: { for: {{kept}} }, retention: 30d, pool: { concurrency: {{pool}} } }
          async:   { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, timeout: 20s, cache: { for: {{kept}} }, retry: { attempts: 1 }, pool: { concurrency: {{pool}} } }
          hybrid:  { contract: { mode: hybrid, wait: 10s, caller: waits, deliverWithin: 1m }, handler: code, timeout: 20s, cache: { for: {{kept}} }, retry: { attempts: 1 }, pool: { concurrency: {{pool}} } }
          stream:  { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none, timeout: 20s, cache: { for: {{kept}} }, pool: { concurrency: {{pool}} } }
        """;

    private sealed record Made(string Job, string Tenant, string Feature, string? Subject, string Input, DateTimeOffset At);

    /// <summary>Says in each answer for whom it was made, and keeps what was asked.</summary>
    private sealed class Work
    {
        private TimeProvider _time = TimeProvider.System;
        private int _failures;

        public ConcurrentDictionary<string, byte[]> Calls { get; } = new();

        public ConcurrentBag<string> NotKept { get; } = [];

        public int Failures
        {
            set => _failures = value;
        }

        public void Begin(TimeProvider time) => _time = time;

        public void Know(Call call)
        {
            Calls[call.Job!.Value.ToString()] = call.Feature.DefinitionHash;
            if (call.Cache.NoStore) NotKept.Add(call.Job.Value.ToString());
        }

        public async Task<Made> RunAsync(Order order, FeatureContext feature, CancellationToken stop)
        {
            await Task.Yield();
            if (Interlocked.Decrement(ref _failures) >= 0) throw new InvalidDataException("as told");
            return new Made(feature.Job, feature.Tenant, feature.Feature, feature.Subject, order.Id, _time.GetUtcNow());
        }
    }
}
