using System.Globalization;

namespace Commerce.Review;

/// <summary>Makes the contract that the sample reviews: always the same 90 pages, with risks planted in them, and beside these terms that only look like risks.</summary>
internal static class SampleContract
{
    private const int Pages = 90, ClausesOfPage = 4;

    // What the playbook is to find: a term for each of its kinds, and where.
    private static readonly (string Kind, int Page, int Place, string Term)[] Planted =
    [
        ("automatic-renewal", 7, 2, "This agreement is automatically renewed for further terms of three years unless notice is given eleven months before its end."),
        ("unlimited-liability", 13, 0, "The Customer is liable for all losses of the Supplier, including lost profit, without any limit."),
        ("price-change", 21, 3, "The Supplier may change its prices, also for orders that were confirmed, at any time by notice on its website."),
        ("exclusivity", 28, 1, "During the term the Customer shall not buy goods of the same kind from any other source."),
        ("rights-assigned", 36, 2, "The Customer assigns to the Supplier all rights in product texts and images that it makes for the goods."),
        ("foreign-law", 44, 3, "This agreement is governed by the laws of the Republic of Farland, whose courts alone decide."),
        ("no-refund", 52, 0, "Fees that were paid in advance are not refunded when the agreement ends early, whatever the reason."),
        ("data-passed-on", 61, 1, "The Supplier may pass on personal data of the Customer's buyers to its partners for their own ends."),
        ("daily-penalty", 70, 2, "When a payment is late the Customer pays two percent of the order's value for each day."),
        ("unannounced-audit", 83, 3, "The Supplier may inspect the Customer's premises and books during opening hours without prior notice."),
        ("unlimited-liability", 90, 1, "For breaches of secrecy the liability of the Customer is unlimited."),
    ];

    private static readonly string[] Harmless =
    [
        "The liability of either party is limited to the fees of the twelve months before the event.",
        "The agreement ends with its term and is renewed only if both parties agree in writing.",
        "The Supplier may change its prices once a year, by notice of ninety days, and the Customer may then end the agreement.",
        "The Customer may buy goods of the same kind elsewhere.",
        "All rights in texts and images stay with the party that made them.",
        "This agreement is governed by the laws of the Customer's country.",
        "Fees that were paid in advance are refunded for the time after the end.",
        "Neither party shares personal data of the other's buyers unless the law demands it.",
        "Late payments bear interest at the rate of the law.",
        "Inspections are announced ten working days before.",
    ];

    private static readonly string[] Headings = ["Delivery", "Acceptance", "Payment", "Packaging", "Warranty", "Returns", "Notices", "Insurance", "Transport", "Records", "Secrecy", "Term"];

    private static readonly string[] Filler =
    [
        "The Supplier delivers to the warehouse that is named in the order, on working days between eight and four.",
        "The parties keep records of each delivery for as long as the law demands.",
        "A notice is given in writing to the address that the other party named last.",
        "Goods that do not conform are set apart and collected by the Supplier at its cost.",
        "Each order states the goods, their number, their price and the day of delivery.",
        "The packaging bears the number of the order and the name of the Supplier.",
        "The parties meet each quarter to speak about quality and forecasts.",
        "Where a day of this agreement is a holiday, the next working day takes its place.",
    ];

    public static (SupplierContract Contract, IReadOnlyList<PlantedRisk> Risks) Make()
    {
        // The seed makes it the same contract each time.
        var chance = new Random(90);
        var pages = new List<string>();
        var risks = new List<PlantedRisk>();
        var carried = "";
        for (var page = 1; page <= Pages; page++)
        {
            var lines = new List<string> { carried };
            carried = "";
            for (var place = 0; place < ClausesOfPage; place++)
            {
                var number = string.Create(CultureInfo.InvariantCulture, $"{page}.{place + 1}");
                lines.Add($"{number} {Headings[chance.Next(Headings.Length)]}");
                var terms = Enumerable.Range(0, 3).Select(_ => Filler[chance.Next(Filler.Length)]).Append(Harmless[chance.Next(Harmless.Length)]).ToList();
                foreach (var (kind, _, _, term) in Planted.Where(planted => planted.Page == page && planted.Place == place))
                {
                    terms.Insert(chance.Next(terms.Count + 1), term);
                    risks.Add(new PlantedRisk(kind, number, page, term));
                }
                var text = Lines(string.Join(' ', terms)).ToList();
                // The last clause goes on over the end of the page, as in real contracts, in the middle of a sentence.
                var isLast = place == ClausesOfPage - 1 && page < Pages;
                lines.AddRange(isLast ? text.Take(2) : text);
                if (isLast) carried = string.Join('\n', text.Skip(2));
            }
            lines.Add($"Page {page} of {Pages}");
            pages.Add(string.Join('\n', lines).TrimStart('\n'));
        }
        return (new SupplierContract("the supply agreement with Farland Textiles", pages), risks);
    }

    // Wrapped as on paper.
    private static IEnumerable<string> Lines(string text)
    {
        const int Width = 90;
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length + word.Length > Width)
            {
                yield return line;
                line = "";
            }
            line += line.Length == 0 ? word : $" {word}";
        }
        yield return line;
    }
}

/// <summary>What a review must find, and where.</summary>
internal sealed record PlantedRisk(string Kind, string Clause, int Page, string Term);
