package dev.lipia.till

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** Says each sale's stage in a line of its own, once. */
class Terminal {
    private var said = emptyMap<String, Stage>()

    fun show(sales: List<Sale>) {
        for (sale in sales) {
            if (said[sale.reference] != sale.stage) say("${sale.reference}  KES ${sale.amount} from ${sale.phone}: ${words(sale.stage)}")
        }
        said = sales.associate { it.reference to it.stage }
    }

    fun say(line: String) {
        println(line)
        // A pipe would keep it back.
        System.out.flush()
    }

    /** `null` where nobody answers. */
    suspend fun ask(question: String): String? = withContext(Dispatchers.IO) {
        print("$question: ")
        System.out.flush()
        readlnOrNull()?.trim()?.takeIf(String::isNotEmpty)
    }

    private fun words(stage: Stage): String = when (stage) {
        Stage.Prompting -> "sending the prompt"
        is Stage.Waiting -> words(stage.news).let { if (stage.elapsed.isPositive()) "$it (${stage.elapsed.inWholeSeconds} s)" else it }
        is Stage.Paid -> stage.receipt?.let { "PAID, receipt $it" } ?: "PAID, the receipt is on the statement"
        is Stage.NotPaid -> "NOT PAID. Tell the customer: ${stage.english} / ${stage.swahili}"
        is Stage.NotPrompted -> "NOT PROMPTED. ${stage.why}${if (stage.mayBeTriedAgain) " It is safe to try again." else ""}"
        Stage.Open -> "OPEN. Nobody can say yet whether it is paid: look at the statement, do not sell it again. It is asked about at the next start."
    }

    private fun words(news: News): String = when (news) {
        News.Accepted -> "prompted, the customer is asked for the PIN"
        is News.AnswerLost -> "unknown, a phone may have been prompted. ${news.why}"
        News.TakenUp -> "was prompted for before: looking what became of it"
        News.StillAsking -> "asked M-Pesa: no outcome yet"
        is News.NotTold -> "asked M-Pesa, and was not told. ${news.why}"
        News.Something -> "something came that settles nothing"
    }
}
