using System.Text;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Tests.Payloads;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

public sealed class What_callers_send_is_sealed
{
    private const string Features = """
        features:
          later:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1 } }
          quick:  { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, fallback: none }
          tokens: { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none }
        """;

    private readonly MarkerSearch _search = new();

    private static void Code(CodeHandlers code)
    {
        foreach (var feature in new[] { "later", "quick" })
        {
            code.Add<Order, Order>(feature, async (order, context, stop) =>
            {
                await context.ReportProgressAsync(1, 2, order.Id, stop);
                return order.Id.StartsWith("bad", StringComparison.Ordinal) ? throw new InvalidDataException(order.Id) : order;
            });
        }
        code.Add<Order, string>("tokens", (order, _, _) => Tokens(order));
    }

    private static async IAsyncEnumerable<string> Tokens(Order order)
    {
        yield return order.Id;
        await Task.Yield();
        yield return " again " + order.Id;
    }

    [Fact]
    public async Task In_every_contract_with_every_header_and_when_the_work_fails_with_it_in_its_words()
    {
        await using var node = await Node.StartAsync(Features, Code);
        foreach (var (feature, prefix) in new[] { ("later", ""), ("later", "bad "), ("quick", ""), ("quick", "bad "), ("tokens", "") })
        {
            var call = node.Call(feature, $$"""{"id":"{{prefix}}{{_search.Marker}}"}""") with
            {
                Subject = "encounter/" + _search.Marker,
                Metadata = $$"""{"note":"{{_search.Marker}}"}""",
                IdempotencyKey = prefix + _search.Marker,
            };
            await node.Engine.CallAsync(call, CancellationToken.None);
        }
        foreach (var job in (await node.Engine.ListAsync(Caller.Local, new() { Subject = "encounter/" + _search.Marker })).Jobs)
        {
            (await node.EndOfAsync(job.Id)).Subject.ShouldBe("encounter/" + _search.Marker);
            await node.EventsOfAsync(job.Id);
        }

        (await node.Engine.ListAsync(Caller.Local, new() { Subject = "encounter/" + _search.Marker })).Jobs.Count.ShouldBe(5);
        _search.FoundIn(node.Address).ShouldBeEmpty();
        await node.Engine.DisposeAsync();
        _search.FoundIn(node.Address).ShouldBeEmpty();
        await node.StartAsync();
    }

    [Fact]
    public async Task And_the_search_finds_what_is_not()
    {
        await using var node = await Node.StartAsync(Features, Code);

        await node.Engine.Database.WriteAsync(new Change($"INSERT INTO payloads (id, body) VALUES (1, {TestDatabase.Bytes(Encoding.UTF8.GetBytes(_search.Marker))})"));

        _search.FoundIn(node.Address).ShouldContain("plain");
    }
}
