using Headway.Features;

namespace Headway.Advice.Rules;

internal sealed class Rule3TransactionsAreCarriedOn : Rule
{
    public override int Number => 3;
    public override string Name => "transactions are carried on";
    public override string When => "affects financial, legal or compliance **and** the consumer is a service";
    public override string Mode => "async (hybrid if the caller waits)";
    public override string Why => "audit trail and retries are not negotiable on a transaction's path";
    public override string Otherwise => "a timeout on the transaction's path leaves nobody knowing whether it happened";

    public override Ruling Ask(Answers answers, Numbers numbers) =>
        answers is { Affects: Harm.Financial or Harm.Legal or Harm.Compliance, Consumer: Consumer.Service }
            ? new Ruling.Matches(AsyncUnlessWaiting(answers), $"it affects {Words.Of(answers.Affects)} matters and a service carries it on",
                "a consumer other than a service, or no financial, legal or compliance effect")
            : Ruling.No;
}
