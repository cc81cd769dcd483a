-- The last score of every customer and model, whichever version and day it is of.
SELECT
    customer_id,
    engagement_score_pred,
    confidence,
    engagement_tier,
    churn_probability,
    churn_risk_tier,
    model_version,
    scored_at,
    run_id,
    model,
    scored_on
FROM (
    SELECT
        p.*,
        row_number() OVER (PARTITION BY p.model, p.customer_id ORDER BY p.scored_at DESC, p.run_id DESC) AS place
    FROM predictions p
) ranked
WHERE place = 1
