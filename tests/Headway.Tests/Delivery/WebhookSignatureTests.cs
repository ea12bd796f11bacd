using System.Text;
using System.Text.Json;
using Headway.Delivery.Sending;
using Headway.Tests.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Delivery;

/// <summary>What is posted can be verified by whoever reads Standard Webhooks.</summary>
public sealed class WebhookSignatureTests
{
    [Fact]
    public void The_example_of_the_specification_is_signed_alike() =>
        WebhookSignature.Of(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8).ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    [Fact]
    public void Each_secret_signs_while_one_takes_the_place_of_another()
    {
        var both = WebhookSignature.Of(["new secret", "old secret"], "a", 1, "{}"u8)!.Split(' ');

        both.ShouldBe([WebhookSignature.Of(["new secret"], "a", 1, "{}"u8)!, WebhookSignature.Of(["old secret"], "a", 1, "{}"u8)!]);
        both.ShouldAllBe(signature => signature.StartsWith("v1,", StringComparison.Ordinal));
        WebhookSignature.Of([], "a", 1, "{}"u8).ShouldBeNull();
    }

    [Fact]
    public async Task The_library_of_the_standard_takes_what_was_posted()
    {
        await using var receiver = await Receiver.StartAsync();
        const string encoded = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        await using var node = await TellingNode.StartAsync($$"""
            endpoints:
              one: { webhook: "{{receiver.Url}}", secret: {{encoded}}, allowPrivate: true }
              two: { webhook: "{{receiver.Url}}", secret: [ plain words, {{encoded}} ], allowPrivate: true }
              three: { webhook: "{{receiver.Url}}", secret: more plain words, previousSecret: plain words, allowPrivate: true }
            features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, delivery: [ endpoint: one, endpoint: two, endpoint: three ] } }
            """, code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)));
        await node.EndOfAsync(await node.AcceptedAsync(node.Call("work", """{"id":"größer 😀"}""")));

        var lines = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var got = await receiver.NextAsync();
            var signatures = got.Headers["webhook-signature"].Split(' ');
            // One key that all of the two have, as text in one and encoded in the other, tells them apart.
            foreach (var (secret, format) in signatures.Length == 1 ? [(encoded, null)] : Verifies(got, encoded) ? [(encoded, (string?)null), ("plain words", "raw")] : new[] { ("plain words", (string?)"raw"), ("more plain words", "raw") })
                lines.Add(JsonSerializer.Serialize(new { secret, format, headers = got.Headers, body = got.Body }));
        }
        using var folder = await NodeFolder.CreateAsync([.. ((string[])["package.json", "verify.mjs"]).Select(file => Path.Combine(AppContext.BaseDirectory, "Delivery", "Node", file))]);
        var received = Path.Combine(Path.GetTempPath(), $"headway-received-{Environment.ProcessId}.jsonl");
        await File.WriteAllLinesAsync(received, lines);
        try
        {
            var (exit, said) = await folder.RunAsync("node", "verify.mjs", received);
            exit.ShouldBe(0, said);
            said.Split('\n').Count(line => line == "kept: job.succeeded").ShouldBe(5, said);
            said.Split('\n').Count(line => line == "kept: another body is refused").ShouldBe(5, said);
        }
        finally
        {
            File.Delete(received);
        }
    }

    private static bool Verifies(Received got, string secret) =>
        got.Headers["webhook-signature"].Contains(WebhookSignature.Of([secret], got.Id, long.Parse(got.Headers["webhook-timestamp"]), Encoding.UTF8.GetBytes(got.Body))!, StringComparison.Ordinal);
}
