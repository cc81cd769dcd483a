-- Whom to call: customers whose risk of leaving is high by the live model's newest scores.
SELECT
    customer_id,
    churn_probability,
    churn_risk_tier,
    confidence,
    model,
    model_version,
    scored_on
FROM current_predictions
WHERE churn_risk_tier IN ('High', 'Critical')
