using Headway.Jobs.Storage;

namespace Headway.Tests.Jobs;

/// <summary>Nobody has limits any more.</summary>
public sealed class Gates_are_opened
{
    [Fact]
    public async Task A_tenant_that_was_held_back_has_saved_up_nothing_when_all_limits_go()
    {
        await using var field = await TurnField.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 700).Select(_ => field.AcceptAsync("capped", gate: "capped")));
        await field.AcceptManyAsync(600, "free");
        for (var claims = 0; claims < 400; claims += 10) (await field.ClaimAsync(10, _ => 0)).Count.ShouldBe(10);

        while ((await field.Database.WriteAsync(new OpenGates(300, _ => 1))).Count > 0)
        {
        }

        var served = await field.ClaimAsync(200);
        // Half of them, and what a tenant may keep.
        served.Count(name => name == "capped").ShouldBeInRange(90, 120);
        field.Number("SELECT count(*) FROM queue WHERE gate IS NOT NULL").ShouldBe(0);
    }
}
