namespace Headway.Analyzers.Tests;

public sealed class What_a_body_must_not_do
{
    [Theory]
    [InlineData("_ = DateTime.Now.Hour;", "HW0001 DateTime.Now")]
    [InlineData("_ = DateTime.UtcNow;", "HW0001 DateTime.UtcNow")]
    [InlineData("_ = DateTime.Today;", "HW0001 DateTime.Today")]
    [InlineData("_ = DateTimeOffset.Now;", "HW0001 DateTimeOffset.Now")]
    [InlineData("_ = DateTimeOffset.UtcNow;", "HW0001 DateTimeOffset.UtcNow")]
    [InlineData("_ = Environment.TickCount64;", "HW0001 Environment.TickCount64")]
    [InlineData("_ = Stopwatch.GetTimestamp();", "HW0001 Stopwatch.GetTimestamp()")]
    [InlineData("_ = new Stopwatch();", "HW0001 new Stopwatch()")]
    [InlineData("_ = time.GetUtcNow();", "HW0001 time.GetUtcNow()")]
    [InlineData("_ = TimeProvider.System.GetUtcNow();", "HW0001 TimeProvider.System")]
    public Task The_time_of_the_machine_is_found(string body, string told) => Finds(body, told);

    [Theory]
    [InlineData("_ = Random.Shared.Next();", "HW0002 Random.Shared")]
    [InlineData("_ = new Random();", "HW0002 new Random()")]
    [InlineData("_ = Guid.NewGuid();", "HW0002 Guid.NewGuid()")]
    [InlineData("_ = Guid.CreateVersion7();", "HW0002 Guid.CreateVersion7()")]
    [InlineData("_ = Guid.CreateVersion7(flow.Now);", "HW0002 Guid.CreateVersion7(flow.Now)")]
    [InlineData("_ = RandomNumberGenerator.GetBytes(8);", "HW0002 RandomNumberGenerator.GetBytes(8)")]
    [InlineData("_ = input.GetHashCode();", "HW0002 input.GetHashCode()")]
    [InlineData("_ = HashCode.Combine(input);", "HW0002 HashCode.Combine(input)")]
    public Task Chance_and_identity_are_found(string body, string told) => Finds(body, told);

    [Theory]
    [InlineData("_ = File.ReadAllText(input);", "HW0003 File.ReadAllText(input)")]
    [InlineData("Directory.CreateDirectory(input);", "HW0003 Directory.CreateDirectory(input)")]
    [InlineData("_ = new FileInfo(input);", "HW0003 new FileInfo(input)")]
    [InlineData("_ = new FileStream(input, FileMode.Open);", "HW0003 new FileStream(input, FileMode.Open)")]
    [InlineData("await http.GetStringAsync(input);", "HW0003 http.GetStringAsync(input)")]
    [InlineData("database.Open();", "HW0003 database.Open()")]
    [InlineData("_ = Process.Start(input);", "HW0003 Process.Start(input)")]
    [InlineData("Console.WriteLine(input);", "HW0003 Console.WriteLine(input)")]
    [InlineData("_ = Environment.GetEnvironmentVariable(input);", "HW0003 Environment.GetEnvironmentVariable(input)")]
    [InlineData("await chat.GetResponseAsync(input);", "HW0003 chat.GetResponseAsync(input)")]
    public Task The_world_outside_is_found(string body, string told) => Finds(body, told);

    [Theory]
    [InlineData("await Task.Run(() => { });", "HW0004 Task.Run(() => { })")]
    [InlineData("await Task.Factory.StartNew(() => { });", "HW0004 Task.Factory.StartNew(() => { })")]
    [InlineData("new Thread(() => { }).Start();", "HW0004 new Thread(() => { }).Start()", "HW0004 new Thread(() => { })")]
    [InlineData("Parallel.For(0, 9, _ => { });", "HW0004 Parallel.For(0, 9, _ => { })")]
    [InlineData("_ = flow.Delay(TimeSpan.Zero).ContinueWith(_ => { });", "HW0004 flow.Delay(TimeSpan.Zero).ContinueWith(_ => { })")]
    [InlineData("await flow.Delay(TimeSpan.Zero).ConfigureAwait(false);", "HW0004 flow.Delay(TimeSpan.Zero).ConfigureAwait(false)")]
    [InlineData("await flow.Delay(TimeSpan.Zero).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);", "HW0004 flow.Delay(TimeSpan.Zero).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing)")]
    [InlineData("await Task.Delay(5);", "HW0005 Task.Delay(5)")]
    [InlineData("Thread.Sleep(5);", "HW0005 Thread.Sleep(5)")]
    [InlineData("_ = new PeriodicTimer(TimeSpan.FromDays(1));", "HW0005 new PeriodicTimer(TimeSpan.FromDays(1))")]
    [InlineData("await flow.Delay(TimeSpan.Zero).WaitAsync(TimeSpan.FromDays(1));", "HW0005 flow.Delay(TimeSpan.Zero).WaitAsync(TimeSpan.FromDays(1))")]
    [InlineData("_ = flow.Signal<string>(input).Result;", "HW0006 flow.Signal<string>(input).Result")]
    [InlineData("flow.Signal<string>(input).Wait();", "HW0006 flow.Signal<string>(input).Wait()")]
    [InlineData("flow.Signal<string>(input).GetAwaiter().GetResult();", "HW0006 flow.Signal<string>(input).GetAwaiter().GetResult()")]
    [InlineData("lock (shop) { }", "HW0006 shop")]
    public Task Leaving_pausing_and_blocking_are_found(string body, params string[] told) => Finds(body, told);

    [Theory]
    [InlineData("await shop.ShipAsync();", "HW0007 shop.ShipAsync()")]
    [InlineData("var charged = shop.ChargeAsync(input); await charged;", "HW0007 shop.ChargeAsync(input)")]
    [InlineData("_ = await (input == \"\" ? flow.Signal<string>(input) : shop.ChargeAsync(input));", "HW0007 shop.ChargeAsync(input)")]
    [InlineData("await foreach (var line in shop.Lines()) { }", "HW0007 shop.Lines()")]
    [InlineData("await flow.All(new[] { 1 }.Select(_ => shop.ChargeAsync(input)));", "HW0007 shop.ChargeAsync(input)")]
    [InlineData("_ = await flow.Race(input, a => shop.ChargeAsync(input), b => b.Signal<string>(input));", "HW0007 shop.ChargeAsync(input)")]
    [InlineData("async Task Local() => await shop.ShipAsync(); await Local();", "HW0007 shop.ShipAsync()")]
    [InlineData("await shop.ShipAsync().ConfigureAwait(true);", "HW0007 shop.ShipAsync()")]
    public Task What_no_verb_gave_is_found(string body, string told) => Finds(body, told);

    [Theory]
    [InlineData("await flow.All([flow.Step(\"a\", _ => shop.ChargeAsync(input)), flow.Step(\"a\", _ => shop.ChargeAsync(input))]);", "HW0008 flow.Step(\"a\", _ => shop.ChargeAsync(input))")]
    [InlineData("var one = flow.Step(\"a\", _ => shop.ShipAsync()); await Task.WhenAll(one, flow.Step(\"a\", _ => shop.ShipAsync()));", "HW0008 flow.Step(\"a\", _ => shop.ShipAsync())")]
    [InlineData("await flow.All(new[] { 1, 2 }.Select(number => flow.Step(\"a\", _ => shop.ChargeAsync(input))));", "HW0008 flow.Step(\"a\", _ => shop.ChargeAsync(input))")]
    public Task Two_steps_of_one_name_at_once_are_found(string body, string told) => Finds(body, told);

    [Fact]
    public async Task A_helper_that_takes_the_verbs_is_a_body_as_well()
    {
        const string helper = "internal static Task Help(WorkflowContext verbs) => Task.Delay(5);";

        (await Code.Body("await Help(flow);", helper).ToldAsync()).ShouldBe(["HW0005 Task.Delay(5)"]);
        (await Code.Body("await Help(flow);", helper).DiagnosticsAsync())[0].GetMessage(null).ShouldEndWith("use verbs.Delay or verbs.Until");
    }

    private static async Task Finds(string body, params string[] told) => (await Code.Body(body).ToldAsync()).ShouldBe(told);
}
