using Clinic.Intake;

namespace Headway.Clinic.Tests.Intake;

public sealed class TriageTests
{
    private static readonly Vitals Well = new(16, 98, 120, 70, Consciousness.Alert, 37.0m);

    [Theory]
    [InlineData("chest pain for an hour", "chest pain")]
    [InlineData("Chest pains, no fever", "chest pain")]
    [InlineData("no fever and chest pain", "chest pain")]
    [InlineData("no fever but chest pain", "chest pain")]
    [InlineData("slurred speech since breakfast", "signs of stroke")]
    [InlineData("vomiting blood twice", "severe bleeding")]
    [InlineData("says she wants to die", "risk of self-harm")]
    public void A_red_flag_is_found_in_everyday_words(string complaint, string flag) => RedFlags.In([complaint]).ShouldHaveSingleItem().Name.ShouldBe(flag);

    [Theory]
    [InlineData("no chest pain")]
    [InlineData("denies any chest pain, sore throat")]
    [InlineData("never fainted")]
    [InlineData("sore throat")]
    [InlineData("upholstery fitters came")]
    public void What_is_not_there_is_not_a_flag(string complaint) => RedFlags.In([complaint]).ShouldBeEmpty();

    [Fact]
    public void A_red_flag_outranks_good_vital_signs()
    {
        var triage = Triage.Of(Form(Well, complaints: "chest pain"));
        triage.Priority.ShouldBe(Priority.Emergency);
        triage.News2.ShouldNotBeNull().Total.ShouldBe(0);
        triage.Why.ShouldBe("chest pain; NEWS2 0, low risk");
    }

    [Fact]
    public void A_single_three_is_urgent_though_the_sum_is_low()
    {
        var triage = Triage.Of(Form(Well with { Pulse = 35 }));
        triage.Priority.ShouldBe(Priority.Urgent);
        triage.Why.ShouldBe("NEWS2 3, low to medium risk");
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(30, true)]
    public void The_score_is_not_used_where_it_does_not_hold(int age, bool pregnant)
    {
        var triage = Triage.Of(new IntakeForm("E-1", new Patient(age, pregnant), [], Well));
        triage.News2.ShouldBeNull();
        triage.Priority.ShouldBe(Priority.Urgent);
        triage.Why.ShouldContain("NEWS2 does not hold");
    }

    [Fact]
    public void From_sixteen_years_on_the_score_holds() => Triage.Of(new IntakeForm("E-1", new Patient(16), [], Well)).News2.ShouldNotBeNull();

    private static IntakeForm Form(Vitals vitals, params string[] complaints) => new("E-1", new Patient(50), complaints, vitals);
}
