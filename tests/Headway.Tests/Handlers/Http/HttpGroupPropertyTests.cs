using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using FsCheck.Fluent;
using Headway.Features;
using Microsoft.AspNetCore.Http;
using Outcome = Headway.Handlers.Outcome;

namespace Headway.Tests.Handlers.Http;

public sealed class HttpGroupPropertyTests
{
    private const int UpTo = 5;
    private const int Leaves = 7;
    private const int TimePasses = 8;
    private const int AnAnswerIsAwaited = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Whoever_comes_and_goes_each_call_gets_its_own_answer_and_nobody_elses()
    {
        await using var service = await Service.StartAsync(AnswerAsync);
        Property.Holds(Prop.ForAll(Gen.Choose(0, AnAnswerIsAwaited).ListOf().ToArbitrary(), steps => HoldAsync(service, [.. steps]).GetAwaiter().GetResult()), cases: 60);
    }

    private static async Task HoldAsync(Service service, int[] steps)
    {
        service.Calls.Clear();
        var version = Attempts.Version(service.Definition() with { Group = new GroupOptions(UpTo, GroupService.Within) });
        var handler = service.Handler((HttpDefinition)version.Handler);
        var calls = new List<(int Input, CancellationTokenSource Stop, Task<Outcome> End)>();
        foreach (var step in steps)
        {
            switch (step)
            {
                case Leaves when calls.Count > 0:
                    await calls[calls.Count / 2].Stop.CancelAsync();
                    break;
                case TimePasses:
                    service.Time.Advance(GroupService.Within);
                    break;
                case AnAnswerIsAwaited when calls.Count > 0:
                    await Task.WhenAny(calls[^1].End);
                    break;
                default:
                    var (input, stop) = (calls.Count, new CancellationTokenSource());
                    var attempt = new Attempts().Make(version, input.ToString(CultureInfo.InvariantCulture), tenant: input % 4 == 3 ? "acme" : "default");
                    calls.Add((input, stop, handler.RunAsync(attempt, stop.Token)));
                    break;
            }
        }

        foreach (var (input, stop, end) in calls)
        {
            await Task.WhenAny(end).WaitAsync(Patience);
            if (!end.IsCanceled) Judge(input, await end);
            else stop.IsCancellationRequested.ShouldBeTrue();
            stop.Dispose();
        }
        Sent(service.Calls, calls.Count);
    }

    private static void Judge(int input, Outcome outcome)
    {
        if (IsRefused(input) || IsPoison(input)) outcome.Failure().Code.ShouldBe("input-refused");
        else outcome.Text().ShouldBe($"{2 * input}");
    }

    /// <summary>No input is sent more often than once in a group and once alone; no group is larger than it may be, or of two tenants.</summary>
    private static void Sent(ConcurrentQueue<Seen> requests, int calls)
    {
        var inputs = requests.Select(request => Inputs(request.Body)).ToArray();
        inputs.ShouldAllBe(group => group.Length >= 1 && group.Length <= UpTo);
        inputs.ShouldAllBe(group => group.Select(input => input % 4 == 3).Distinct().Count() == 1);
        var times = inputs.SelectMany(group => group).GroupBy(input => input).ToDictionary(group => group.Key, group => group.Count());
        times.Keys.ShouldBeSubsetOf(Enumerable.Range(0, calls));
        times.Values.ShouldAllBe(count => count <= 2);
    }

    /// <summary>Has a part to itself in the answer, which says no.</summary>
    private static bool IsRefused(int input) => input % 7 == 2;

    /// <summary>Spoils the whole request it is in.</summary>
    private static bool IsPoison(int input) => input % 11 == 5;

    private static async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var inputs = Inputs(body.ToArray());
        if (inputs.Any(IsPoison))
        {
            context.Response.StatusCode = 422;
            return;
        }
        var errors = inputs.Index().Where(input => IsRefused(input.Item)).Select(input => new { index = input.Index, status = 422 });
        await context.Response.WriteAsJsonAsync(new { predictions = inputs.Select(input => 2 * input), errors });
    }

    private static int[] Inputs(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return [.. document.RootElement.GetProperty("instances").EnumerateArray().Select(input => input.GetInt32())];
    }
}
