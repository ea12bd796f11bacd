namespace Headway.Analyzers.Tests;

public sealed class What_a_body_may_do
{
    [Theory]
    [InlineData("await flow.Step(\"a\", async stop => { await Task.Delay(5, stop); _ = DateTime.UtcNow; await File.WriteAllTextAsync(input, Guid.NewGuid().ToString()); return await shop.ChargeAsync(input).ConfigureAwait(false); });")]
    [InlineData("await flow.Step(\"a\", _ => shop.ShipAsync());")]
    [InlineData("flow.OnFailure(\"a\", async _ => await http.GetStringAsync(input));")]
    [InlineData("Func<CancellationToken, Task<string>> work = stop => shop.ChargeAsync(input, stop); await flow.Step(\"a\", work);")]
    [InlineData("async Task<string> Charge(CancellationToken stop) => await shop.ChargeAsync(input, stop); await flow.Step(\"a\", Charge);")]
    [InlineData("await Kept(flow, () => shop.ShipAsync());")]
    public Task The_work_of_a_step_is_free(string body) => FindsNothing(body, "private static Task Kept(WorkflowContext flow, Func<Task> work) => flow.Step(\"kept\", _ => work());");

    [Theory]
    [InlineData("await flow.All([flow.Signal<string>(\"a\"), flow.Signal<string>(\"b\")]);")]
    [InlineData("await Task.WhenAll(flow.Delay(TimeSpan.Zero), flow.Until(flow.Now)); await Task.Yield(); await Task.CompletedTask;")]
    [InlineData("await flow.All(new[] { 1 }.Select(n => flow.Step($\"a {n}\", _ => shop.ChargeAsync(input))));")]
    [InlineData("await flow.All(new[] { 1 }.Select(n => flow.Call<string>(\"assess\", n)));")]
    [InlineData("await flow.Each(\"each\", new[] { 1 }, (n, each) => each.Step(\"a\", _ => shop.ChargeAsync(input)));")]
    [InlineData("await flow.Step(\"a\", _ => shop.ShipAsync()); await flow.Step(\"a\", _ => shop.ShipAsync());")]
    [InlineData("var model = flow.Model(\"strong\"); await model.GetResponseAsync(input); await foreach (var part in flow.Model(\"m\").GetStreamingResponseAsync(input)) { }")]
    [InlineData("var tasks = new List<Task<string>> { flow.Signal<string>(\"a\") }; await tasks.First(); await tasks[0]; await Task.WhenAny(tasks);")]
    [InlineData("var signals = new[] { \"a\" }.ToDictionary(name => name, name => flow.Signal<string>(name)); await signals[\"a\"];")]
    [InlineData("await Help(flow); await new Helper(flow).HelpAsync(); async Task Local() => await flow.Delay(TimeSpan.Zero); await Local();")]
    [InlineData("await flow.Delay(TimeSpan.Zero).ConfigureAwait(true);")]
    public Task What_the_verbs_give_is_awaited_in_any_way(string body) => FindsNothing(body,
        "private static async Task Help(WorkflowContext flow) => await flow.Delay(TimeSpan.Zero); private sealed class Helper(WorkflowContext flow) { public Task HelpAsync() => flow.Delay(TimeSpan.Zero); }");

    [Theory]
    [InlineData("_ = flow.Now.AddDays(1).UtcDateTime; _ = flow.NewId(); _ = flow.Random.Next(); _ = new Random(5); _ = new DateTime(2026, 1, 1).AddDays(1);")]
    [InlineData("using var memory = new MemoryStream(); memory.WriteByte(1); _ = Path.Combine(input, \"a\"); _ = Environment.NewLine; _ = input.Length;")]
    public Task What_is_the_same_each_time_is_plain_code(string body) => FindsNothing(body);

    [Fact]
    public async Task Code_that_is_no_body_is_not_looked_at() =>
        (await Code.File("public class Plain { public async Task RunAsync() { await Task.Delay(5); _ = DateTime.UtcNow; Console.WriteLine(Guid.NewGuid()); } }").ToldAsync()).ShouldBeEmpty();

    private static async Task FindsNothing(string body, string members = "") => (await Code.Body(body, members).ToldAsync()).ShouldBeEmpty();
}
