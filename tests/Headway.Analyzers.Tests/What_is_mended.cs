namespace Headway.Analyzers.Tests;

public sealed class What_is_mended
{
    [Theory]
    [InlineData("_ = DateTime.UtcNow.AddDays(1);", "_ = flow.Now.UtcDateTime.AddDays(1);")]
    [InlineData("_ = DateTime.Today;", "_ = flow.Now.UtcDateTime.Date;")]
    [InlineData("_ = DateTimeOffset.UtcNow;", "_ = flow.Now;")]
    [InlineData("_ = time.GetUtcNow();", "_ = flow.Now;")]
    [InlineData("_ = TimeProvider.System.GetUtcNow();", "_ = flow.Now;")]
    [InlineData("_ = Guid.NewGuid();", "_ = flow.NewId();")]
    [InlineData("_ = Guid.CreateVersion7();", "_ = flow.NewId();")]
    [InlineData("_ = Random.Shared.Next();", "_ = flow.Random.Next();")]
    [InlineData("var random = new Random();", "var random = flow.Random;")]
    [InlineData("await Task.Delay(TimeSpan.FromDays(3));", "await flow.Delay(TimeSpan.FromDays(3));")]
    [InlineData("await Task.Delay(500, CancellationToken.None);", "await flow.Delay(TimeSpan.FromMilliseconds(500));")]
    [InlineData("await flow.Delay(TimeSpan.Zero).ConfigureAwait(false);", "await flow.Delay(TimeSpan.Zero);")]
    [InlineData("_ = flow.Signal<string>(input).Result.Length;", "_ = (await flow.Signal<string>(input)).Length;")]
    [InlineData("_ = await shop.ChargeAsync(input);", "_ = await flow.Step(\"charge\", stop => shop.ChargeAsync(input, stop));")]
    [InlineData("await shop.ShipAsync().ConfigureAwait(true);", "await flow.Step(\"ship\", stop => shop.ShipAsync());")]
    [InlineData("_ = await shop.CountAsync(1);", "_ = await flow.Step(\"count\", stop => shop.CountAsync(1, stop: stop).AsTask());")]
    [InlineData("_ = await File.ReadAllTextAsync(input);", "_ = await flow.Step(\"read-all-text\", stop => File.ReadAllTextAsync(input, stop));")]
    [InlineData("var stop = input; await shop.ShipAsync();", "var stop = input; await flow.Step(\"ship\", _ => shop.ShipAsync());")]
    public async Task The_verb_that_is_meant_is_written_instead(string body, string mended)
    {
        var after = (await Code.Body(body).FixedAsync()).ShouldNotBeNull();

        (await after.TextAsync()).ShouldContain(mended);
        (await after.ToldAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Console.WriteLine(input);")]
    [InlineData("Thread.Sleep(5);")]
    [InlineData("lock (shop) { }")]
    [InlineData("await flow.All(new[] { 1 }.Select(_ => shop.ChargeAsync(input)));")]
    public async Task Where_more_than_one_thing_may_be_meant_nothing_is_offered(string body) => (await Code.Body(body).FixedAsync()).ShouldBeNull();

    [Fact]
    public async Task The_verbs_have_the_name_that_they_have_in_the_nearest_function()
    {
        var after = (await Code.Body("_ = await flow.Race(input, own => shop.ChargeAsync(DateTimeOffset.UtcNow.ToString()), own => own.Signal<string>(input));").DiagnosticsAsync());

        after.Select(told => told.GetMessage(null)).ShouldContain(message => message.Contains("own.Now", StringComparison.Ordinal));
    }
}
