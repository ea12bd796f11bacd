using System.Reflection;
using Headway.Budgets;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Models.Limits;

namespace Headway.Tests.Handlers;

public sealed class AttemptOfAStepTests
{
    // What is the step's own.
    private static readonly string[] Own = [nameof(Attempt.Feature), nameof(Attempt.Number), nameof(Attempt.Input), nameof(Attempt.FirstModel), nameof(Attempt.Output), nameof(Attempt.Step)];

    [Fact]
    public void It_is_on_the_account_of_the_job_in_everything_that_is_not_its_own()
    {
        var attempts = new Attempts();
        var plain = attempts.Make(Attempts.Version(new CodeDefinition()));
        var whole = new Attempt
        {
            Job = plain.Job,
            Feature = plain.Feature,
            Number = 4,
            HasPast = true,
            Lease = 5,
            Started = 6,
            Crashes = 7,
            Tenant = "acme",
            Actor = "key-1",
            Input = plain.Input,
            Subject = "encounter/1",
            Deadline = Attempts.Start.AddDays(1),
            TraceParent = plain.TraceParent,
            Until = Attempts.Start.AddMinutes(1),
            FirstModel = 2,
            Output = plain.Output,
            Disclosures = plain.Disclosures,
            Spent = new UsageMeter(),
            Budget = AttemptBudget.Unlimited,
            Waits = new AttemptWaits(),
        };

        var step = whole.Of("ask", Attempts.Version(new CodeDefinition()), new JobInput { MediaType = "application/json", Json = "1"u8.ToArray() }, 3, 1, NoOutput.Instance);

        (step.Number, step.FirstModel, step.Step, step.Key, whole.Key).ShouldBe((3, 1, "ask", $"{whole.Job}/ask", whole.Job.ToString()));
        foreach (var property in typeof(Attempt).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite && !Own.Contains(property.Name)))
        {
            var value = property.GetValue(whole);
            value.ShouldNotBe(property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null, $"{property.Name} is not tried here");
            property.GetValue(step).ShouldBe(value, property.Name);
        }
    }
}
